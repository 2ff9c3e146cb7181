import { expect, test } from 'vitest'
import { parseServersState, writeRows } from '../../../agent/server-state/rows.ts'
import {
  reloaded as carried,
  stateHeader as header,
  rowA,
  sectionText as text,
  usualServers as usual,
} from '../../support/carried-states.ts'

test('the same servers keep their states, and nobody is asked', () => {
  expect(carried({ after: text(usual) })).toMatchObject({ asked: [], states: ['a up', 'b down'] })
})

test('a row is written as HAProxy reads it, in full health', () => {
  expect(writeRows(carried({ after: text(usual) }).rows)).toBe(
    `${header}4 x 1 a - 2 0 100 100 77 15 3 4 6 0 0 0 - 5432 - 0 8008 - - 0\n4 x 2 b - 0 0 100 100 77 17 2 0 6 0 0 0 - 5432 - 0 8008 - - 0\n`,
  )
})

test('a changed port of the service wins, and its health stays', () => {
  const after = text(usual.map((server) => server.replace(':5432', ':6432')))
  const { asked, states, rows } = carried({ after })
  expect({ asked, states }).toEqual({ asked: [], states: ['a up', 'b down'] })
  expect(rows.map(({ port }) => port)).toEqual([6432, 6432])
})

test('a server that is new under an old name is asked, and down until it has answered', () => {
  const after = text(usual.map((server) => server.replace('10.0.0.1', '10.0.0.9')))
  const asked = ['10.0.0.9', '10.0.0.2']
  expect(carried({ after })).toMatchObject({ asked, states: ['a down', 'b down'] })
  expect(carried({ after, silent: asked })).toMatchObject({ states: ['a down', 'b down'] })
  expect(carried({ after, up: ['10.0.0.9'] })).toMatchObject({ states: ['a up', 'b down'] })
})

test('an added server is asked, a removed one has no row', () => {
  const after = text([...usual.slice(1), 'c 10.0.0.3:5432 check port 8008'])
  expect(carried({ after, up: ['10.0.0.3'] })).toMatchObject({
    asked: ['10.0.0.2', '10.0.0.3'],
    states: ['b down', 'c up'],
  })
})

test.each([
  ['path', text(usual, '/replica')],
  ['port', text(usual.map((server) => server.replace('8008', '8009')))],
  ['TLS', text(usual.map((server) => `${server} check-ssl verify none`))],
])('another %s of the check is another question', (_what, after) => {
  expect(carried({ after, up: ['10.0.0.2'] })).toMatchObject({
    asked: ['10.0.0.1', '10.0.0.2'],
    states: ['a down', 'b up'],
  })
})

test('what an unknown text asked is asked again', () => {
  expect(carried({ before: '', after: text(usual), up: ['10.0.0.1'] })).toMatchObject({
    asked: ['10.0.0.1', '10.0.0.2'],
    states: ['a up', 'b down'],
  })
})

test('who can only be asked by HAProxy and is new starts as HAProxy likes', () => {
  const after = text([...usual, 'c 10.0.0.3:5432 check send-proxy'])
  expect(carried({ after })).toMatchObject({ asked: [], states: ['a up', 'b down'] })
})

test.each([
  ['maintenance by hand', '1', 1],
  ['drain by hand', '8', 8],
  ['inherited maintenance', '2', 0],
  ['maintenance and drain', '9', 1],
  ['what the old text had disabled', '5', 0],
])('%s (%s) becomes %i', (_what, bits, expected) => {
  const rows = rowA.replace(' 2 0 100', ` 0 ${bits} 100`)
  expect(carried({ after: text(usual.slice(0, 1)), rows }).rows[0]?.admin).toBe(expected)
})

test('what the new text disables is disabled, whatever was', () => {
  expect(carried({ after: text([`${usual[0]} disabled`]) }).rows[0]?.admin).toBe(5)
})

test('a server that was disabled is asked when it is enabled', () => {
  const rows = rowA.replace(' 2 0 100', ' 0 5 100')
  const before = text([`${usual[0]} disabled`])
  expect(carried({ before, after: text(usual.slice(0, 1)), rows, up: ['10.0.0.1'] }).states).toEqual(['a up'])
})

const weighing = (weight: number) => text([`a 10.0.0.1:5432 check port 8008 weight ${weight}`])

test.each([
  ['by hand, and the text is the same', 100, '20 100', 100, 20],
  ['by hand, and the text changed', 100, '20 100', 50, 50],
  ['at run time for a new text, and that one stays', 20, '20 100', 20, 20],
  ['at run time for a new text, and the text goes back', 20, '20 100', 100, 100],
  ['by nobody', 100, '100 100', 30, 30],
])('a weight set %s', (_what, loaded, row, next, expected) => {
  const rows = rowA.replace('100 100', row)
  const [state] = carried({ before: weighing(loaded), after: weighing(next), rows }).rows
  // HAProxy takes the first only while the second equals the text's.
  expect([state?.weight, state?.configuredWeight]).toEqual([expected, next])
})

test('checks switched off by hand stay off', () => {
  const rows = rowA.replace(' 4 6 0 ', ' 4 2 0 ')
  expect(carried({ after: text(usual.slice(0, 1)), rows }).rows[0]?.checkState).toBe(2)
})

test('slowstart goes on where it was, but not for the one that leads: nobody else takes its connections', () => {
  const rows = rowA.replace(' 2 0 100', ' 1 0 100')
  const start = (path: string) => {
    const same = text(usual.slice(0, 1), path)
    return carried({ before: same, after: same, rows }).rows[0]
  }
  expect(start('/replica')).toMatchObject({ operation: 1, changedS: 77 })
  expect(start('/primary')).toMatchObject({ operation: 2, changedS: 77 })
})

test('a host by name is the same while its name is', () => {
  const named = 'a db-1:5432 check port 8008 weight 100'
  const rows = rowA.replace(' - 5432', ' db-1 5432')
  const scene = { before: text([named]), rows }
  expect(carried({ ...scene, after: text([named]) })).toMatchObject({ asked: [], states: ['a up'] })
  expect(carried({ ...scene, after: text([named.replace('db-1', 'db-2')]) }).asked).toEqual(['db-2'])
})

test('an address of version 6 is the same however it is written', () => {
  const server = 'a [fd00::0:1]:5432 check port 8008 weight 100'
  const rows = rowA.replace('10.0.0.1', 'fd00::1')
  expect(carried({ before: text([server]), after: text([server]), rows }).asked).toEqual([])
})

test('an answer that is no list of states gives none', () => {
  expect(parseServersState('Unknown command\n')).toBeUndefined()
  expect(parseServersState(header)?.size).toBe(0)
})
