/** What is taken for true at a reload when not everybody answers. */
import { describe, expect, test } from 'vitest'
import { writeRows } from '../../../agent/server-state/rows.ts'
import {
  type ReloadScene,
  reloaded,
  rowA,
  rowB,
  sectionText as text,
  usualServers as usual,
} from '../../support/carried-states.ts'

const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
const three = [...usual, 'c 10.0.0.3:5432 check port 8008 weight 100']
const rowC = rowB.replace('2 b 10.0.0.2', '3 c 10.0.0.3')
const asUp = (row: string) => row.replace(' 0 0 100 100 77 17 2 0 ', ' 2 0 100 100 77 15 3 4 ')
/** Up, and no check has run. */
const asBelieved = (row: string) =>
  row.replace(/ 2 0 100 100 77 15 3 4 | 0 0 100 100 77 17 2 0 /, ' 2 0 100 100 0 1 0 3 ')
const onOtherPort = (servers: readonly string[]) => servers.map((server) => server.replace('8008', '8009'))

/** Servers and how they start; who has no row starts up, until the first bad check. */
function starts(scene: ReloadScene): Readonly<Record<string, string>> {
  const found = Object.fromEntries(
    reloaded(scene).rows.map((row) => [row.server, row.operation ? 'up' : 'down']),
  )
  const names = [...scene.after.matchAll(/^ +server (\w+) /gm)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, found[name] ?? 'believed']))
}

describe('who was known and is silent stays as it was', () => {
  test.each([
    ['/primary', 'another port of the check', text(onOtherPort(usual))],
    ['/primary', 'a check over TLS', text(usual.map((server) => `${server} check-ssl verify none`))],
    ['/replica', 'another port of the check', text(onOtherPort(usual), '/replica')],
  ])('%s: %s', (path, _what, after) => {
    const scene = { before: text(usual, path), after, silent: [a, b] }

    expect(reloaded(scene).asked).toEqual([a, b])
    expect(starts(scene)).toEqual({ a: 'up', b: 'down' })
  })

  test('and that is no answer: the next reload asks again', () => {
    const after = text(onOtherPort(usual))
    const rows = writeRows(reloaded({ after, silent: [a, b] }).rows)
      .split('\n')
      .slice(2)
    const dumped = rows.map((row) => row.replace(' a - ', ' a 10.0.0.1 ').replace(' b - ', ' b 10.0.0.2 '))

    expect(reloaded({ before: after, after, rows: dumped.join('\n') }).asked).toEqual([a, b])
  })

  test('a refusal or another code is an answer', () => {
    expect(starts({ after: text(onOtherPort(usual)), silent: [b] })).toEqual({ a: 'down', b: 'down' })
  })

  test('a text that is not known to have been loaded asked something', () => {
    expect(starts({ before: '', after: text(usual), silent: [a, b] })).toEqual({ a: 'up', b: 'down' })
  })
})

test('who is new and silent is down', () => {
  expect(
    starts({ before: text(three.slice(1)), after: text(three), rows: rowB + rowC, silent: [a] }),
  ).toEqual({
    ...{ a: 'down', b: 'down', c: 'down' },
  })
})

describe('a worker that has not checked yet', () => {
  const rows = asBelieved(rowA) + asBelieved(rowB) + asBelieved(rowC)
  const scene = (more: Partial<ReloadScene>, path = '/primary') => {
    const same = text(three, path)
    return { before: same, after: same, rows, ...more }
  }

  test('is not believed, if others can be asked', () => {
    expect(starts(scene({ up: [a] }))).toEqual({ a: 'up', b: 'down', c: 'down' })
  })

  test('is, where nobody answers, as much as before: the first bad check ends it', () => {
    expect(starts(scene({ silent: [a, b, c] }, '/replica'))).toEqual({
      ...{ a: 'believed', b: 'believed', c: 'believed' },
    })
    expect(starts(scene({ silent: [a] }))).toEqual({ a: 'believed', b: 'down', c: 'down' })
  })

  test('does not make leaders of three', () => {
    expect(starts(scene({ silent: [a, b, c] }))).toEqual({ a: 'down', b: 'down', c: 'down' })
    expect(starts(scene({ silent: [a, b] }))).toEqual({ a: 'down', b: 'down', c: 'down' })
  })

  test('does not make a leader beside the one that checks have found', () => {
    expect(starts(scene({ rows: rowA + asBelieved(rowB) + rowC, silent: [a, b, c] }))).toEqual({
      ...{ a: 'up', b: 'down', c: 'down' },
    })
  })
})

describe('where only one can lead', () => {
  const moved = text(onOtherPort(three))
  const before = text(three)
  const rows = rowA + rowB + rowC

  test('one that answers well ends the word of one that is silent', () => {
    expect(starts({ before, after: moved, rows, up: [b], silent: [a] })).toEqual({
      ...{ a: 'down', b: 'up', c: 'down' },
    })
  })

  test('no sessions are ended for it: its state says that no check has', () => {
    const [first] = reloaded({ before, after: moved, rows, up: [b], silent: [a] }).rows
    expect(first).toMatchObject({ operation: 0, checkStatus: '1' })
  })

  test('one that is new and answers well ends the word of checks, if the other does not answer well as well', () => {
    const scene = { before: text(usual), after: text(three), rows: rowA + rowB, up: [c] }

    expect(reloaded(scene).asked).toEqual([a, b, c])
    expect(starts(scene)).toEqual({ a: 'down', b: 'down', c: 'up' })
    expect(starts({ ...scene, silent: [a] })).toEqual({ a: 'down', b: 'down', c: 'up' })
    expect(starts({ ...scene, up: [a, c] })).toEqual({ a: 'up', b: 'down', c: 'up' })
  })

  test('one bad answer does not end the word of checks while nobody else leads', () => {
    const scene = { before: text(usual), after: text(three), rows: rowA + rowB }

    expect(starts(scene)).toEqual({ a: 'up', b: 'down', c: 'down' })
    expect(starts({ ...scene, silent: [a] })).toEqual({ a: 'up', b: 'down', c: 'down' })
  })

  test('one that its checks have found down and that answers well now leads', () => {
    const scene = { before: text(usual), after: text(three), rows: rowA + rowB, up: [b] }

    expect(starts(scene)).toEqual({ a: 'down', b: 'up', c: 'down' })
  })

  test('several that checks have found stay: two clusters behind one service', () => {
    const scene = { before, after: text([...three, 'd 10.0.0.4:5432 check port 8008']) }

    expect(starts({ ...scene, rows: rowA + asUp(rowB) + rowC, up: [a], silent: [b] })).toEqual({
      ...{ a: 'up', b: 'up', c: 'down', d: 'down' },
    })
  })

  test('who was up by a check that many pass is not said to lead', () => {
    const scene = { before: text(usual, '/replica'), after: text(usual), silent: [a, b] }

    expect(starts(scene)).toEqual({ a: 'down', b: 'down' })
    expect(starts({ ...scene, before: text(usual, '/leader') })).toEqual({ a: 'up', b: 'down' })
  })

  test('of several that nothing better is known of than another check, none', () => {
    expect(starts({ before, after: moved, rows: rowA + asUp(rowB) + rowC, silent: [a, b, c] })).toEqual({
      ...{ a: 'down', b: 'down', c: 'down' },
    })
  })
})

describe('where many can be up', () => {
  const before = text(three, '/replica')
  const after = text(onOtherPort(three), '/replica')

  test('one that answers well says nothing about another one', () => {
    expect(starts({ before, after, rows: rowA + rowB + rowC, up: [b], silent: [a] })).toEqual({
      ...{ a: 'up', b: 'up', c: 'down' },
    })
  })

  test.each([
    ['a check that expects others than the leader', text(three).replace('status 200', 'status 503')],
    [
      'a check of the service itself',
      text(
        three.map((server) => server.replace(' port 8008', '')),
        '/',
      ),
    ],
  ])('%s', (_what, same) => {
    const added = `${same}  server d 10.0.0.4:5432 check\n`
    const scene = { before: same, after: added, rows: rowA + rowB + rowC, up: ['10.0.0.4'] }

    expect(starts(scene)).toEqual({ a: 'up', b: 'down', c: 'down', d: 'up' })
  })
})

describe('half health', () => {
  test('of a server that fails its checks is made whole only by a good answer: one more bad check ends it', () => {
    const rows = rowA.replace(' 15 3 4 ', ' 17 2 3 ') + rowB
    const scene = { after: text(usual), rows }

    expect(reloaded(scene).asked).toEqual([a, b])
    expect(starts(scene)).toEqual({ a: 'believed', b: 'down' })
    expect(starts({ ...scene, silent: [a, b] })).toEqual({ a: 'believed', b: 'down' })
    expect(starts({ ...scene, up: [a] })).toEqual({ a: 'up', b: 'down' })
    expect(starts({ ...scene, up: [b] })).toEqual({ a: 'down', b: 'up' })
  })

  test('of a server that comes up does not start anew with every reload: it is asked', () => {
    const rows = rowA.replace(' 2 0 100 100 77 15 3 4 ', ' 0 0 100 100 77 17 2 0 ')
    const scene = { after: text(usual), rows: rows + rowB.replace(' 17 2 0 ', ' 15 3 1 ') }

    expect(starts({ ...scene, up: [b] })).toEqual({ a: 'down', b: 'up' })
    expect(starts({ ...scene, silent: [a, b] })).toEqual({ a: 'down', b: 'down' })
  })
})

describe('when HAProxy does not tell its states', () => {
  test('everybody is asked', () => {
    const scene = { after: text(usual), rows: 'untold', up: [a] }

    expect(reloaded(scene).asked).toEqual([a, b])
    expect(starts(scene)).toEqual({ a: 'up', b: 'down' })
  })

  test('the silent are believed, but not when only one of them can lead', () => {
    const scene = { after: text(usual), rows: 'untold', silent: [a, b] }

    expect(starts(scene)).toEqual({ a: 'down', b: 'down' })
    expect(starts({ ...scene, after: text(usual, '/replica') })).toEqual({ a: 'believed', b: 'believed' })
  })
})

describe('who is believed', () => {
  const rows = asBelieved(rowA) + rowB
  const same = text(usual)
  const scene = { before: same, after: same, silent: [a] }

  test.each([
    ['a weight', rows.replace('100 100', '20 100'), { weight: 20 }],
    ['drain', rows.replace(' 2 0 100', ' 2 8 100'), { admin: 8 }],
    ['checks that are switched off', rows.replace(' 0 3 6 ', ' 0 3 2 '), { checkState: 2 }],
  ])('keeps what was set by hand: %s', (_what, byHand, kept) => {
    expect(reloaded({ ...scene, rows: byHand }).rows[0]).toMatchObject({ server: 'a', operation: 2, ...kept })
  })
})
