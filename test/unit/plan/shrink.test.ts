import { expect, test } from 'vitest'
import { findShrink, type NodeServices } from '../../../controller/plan/shrink.ts'

function on(
  node: string,
  services: Readonly<Record<string, readonly string[]>>,
  owner = 'pg-test',
): NodeServices {
  return {
    owner,
    node,
    services: Object.entries(services).map(([name, servers]) => ({
      name,
      port: 5433,
      check: '/',
      servers,
      backups: [],
    })),
  }
}

function shrink(before: readonly NodeServices[], after: readonly NodeServices[]): string[] {
  return findShrink(before, after).map(({ code, message }) => `${code}: ${message}`)
}

test.each([
  [['1', '2', '3'], ['1', '2'], []],
  [['1', '2', '3'], ['1', '2', '3', '4'], []],
  [['1', '2', '3'], ['1'], ['SHRINK_HALF: s loses 2 of its 3 servers (2, 3) on n']],
  [['1', '2'], ['1'], ['SHRINK_HALF: s loses 1 of its 2 servers (2) on n']],
  [['1', '2'], ['3', '4'], []],
  [['1', '2', '3'], ['4'], ['SHRINK_HALF: s loses 2 of its 3 servers (1, 2, 3 go, 4 comes) on n']],
  [['1', '2'], [], ['SHRINK_LAST_SERVER: s loses its last server on n']],
  [['1'], ['2'], []],
  [[], ['1'], []],
  [[], [], []],
])('servers %j → %j: %j', (before, after, expected) => {
  expect(shrink([on('n', { s: before })], [on('n', { s: after })])).toEqual(expected)
})

test('a service that disappears loses its last server', () => {
  expect(shrink([on('n', { s: ['1'], t: ['1'] })], [on('n', { t: ['1'] })])).toEqual([
    'SHRINK_SERVICE: s disappears on n',
  ])
})

test('the same loss on several nodes is told once', () => {
  const before = [on('a', { s: ['1', '2'] }), on('b', { s: ['1', '2'] })]
  expect(shrink(before, [on('a', { s: ['1'] }), on('b', { s: ['1'] })])).toEqual([
    'SHRINK_HALF: s loses 1 of its 2 servers (2) on a, b',
  ])
})

test('a node that would carry nothing any more is named, services without servers included', () => {
  expect(shrink([on('n', { s: [] })], [])).toEqual(['SHRINK_LAST_SERVICE: n loses its last service'])
})

test('a node that another owner still serves is not empty', () => {
  const other = on('n', { o: ['1'] }, 'pg-other')
  expect(shrink([on('n', { s: [] }), other], [other])).toEqual([])
})

test('a first publish takes nothing away', () => {
  expect(shrink([], [on('n', { s: ['1'] })])).toEqual([])
})
