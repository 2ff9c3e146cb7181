import { expect, test } from 'vitest'
import { createActPrinter } from '../../../controller/cli/act-printer.ts'
import { createLiveBlock, cut } from '../../../controller/cli/live-block.ts'
import { createPaint, wantsColour } from '../../../controller/cli/paint.ts'
import { afterEvent, noEvents } from '../../../controller/cli/publish-state.ts'
import { event } from './events.ts'

test('rows are written over, what is above stays', () => {
  const written: string[] = []
  const block = createLiveBlock(
    (text) => written.push(text),
    () => ({ columns: 80, rows: 24 }),
  )

  block.update('hello\n', ['a', 'b'])
  block.update('', ['a', 'c'])
  block.update('more\n', ['a', 'd', 'e'])

  expect(written).toEqual([
    'hello\na\nb\n',
    '\u001b[2A\r\u001b[Ja\nc\n',
    '\u001b[2A\r\u001b[Jmore\na\nd\ne\n',
  ])
})

test('never more rows than the screen has: the cursor could not come back to them', () => {
  const written: string[] = []
  const block = createLiveBlock(
    (text) => written.push(text),
    () => ({ columns: 80, rows: 5 }),
  )

  block.update('', ['1', '2', '3', '4', '5'])
  block.update('', ['1', '2', '3', '4', '6'])

  expect(written).toEqual(['3\n4\n5\n', '\u001b[3A\r\u001b[J3\n4\n6\n'])
})

test('a terminal that says it is 0 by 0 is taken for a usual one', () => {
  const written: string[] = []
  const block = createLiveBlock(
    (text) => written.push(text),
    () => ({ columns: 0, rows: 0 }),
  )

  block.update('', ['one', 'two'])

  expect(written).toEqual(['one\ntwo\n'])
})

test('a row is cut to the width without counting or breaking colours', () => {
  expect(cut(`${createPaint(true)('green', '[ OK ]')} reloaded`, 9)).toBe('\u001b[32m[ OK ]\u001b[0m re')
})

test('on a terminal a node has one row, whatever it goes through', () => {
  let out = ''
  const terminal = {
    env: {},
    isTty: true,
    stdout: (text: string) => {
      out += text
    },
    stderr: () => undefined,
    setExitCode: () => undefined,
    size: () => ({ columns: 80, rows: 24 }),
    monotonic: () => 0,
    onInterrupt: () => () => undefined,
  }
  const words = { doing: 'reload', target: 'pg-test', check: false }
  const printer = createActPrinter(terminal, { words, json: false, colour: false })
  let state = noEvents
  for (const one of [
    { targets: { owners: [{ owner: 'pg-test', nodes: ['n1'] }] } },
    { progress: { node: 'n1', stage: 'STAGE_STAGE', elapsedMs: 2 } },
    { node: { node: 'n1', outcome: 'NODE_OUTCOME_UNCHANGED' } },
  ] as const) {
    const wire = event(structuredClone(one) as Parameters<typeof event>[0]) // readonly lists become plain ones
    state = afterEvent(state, wire)
    printer.event(wire, state)
  }

  const up = '\u001b[1A\r\u001b[J'
  expect(out).toBe(
    `[ .. ] pg-test: n1\n[ .. ] n1  waiting\n${up}[ .. ] n1  staged (2 ms)\n${up}[ OK ] n1  unchanged\n`,
  )
})

test.each([
  [undefined, true, {}, true],
  [undefined, false, {}, false],
  [undefined, true, { NO_COLOR: '1' }, false],
  [undefined, true, { NO_COLOR: '' }, true],
  [undefined, true, { TERM: 'dumb' }, false],
  [true, false, { NO_COLOR: '1' }, true],
  [false, true, {}, false],
])('colour: asked %s, terminal %s, environment %j gives %s', (asked, isTty, env, expected) => {
  expect(wantsColour(asked, isTty, env)).toBe(expected)
})
