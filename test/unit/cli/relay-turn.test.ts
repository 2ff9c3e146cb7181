import { expect, test } from 'vitest'
import { type Joined, joinInTurn } from '../../../controller/cli/relay-turn.ts'
import { AppError } from '../../../shared/errors/app-error.ts'

type Spans = Readonly<Record<string, readonly (readonly [fromMs: number, toMs: number])[]>>

/** A world in which other commands carry streams of nodes at these times. */
function world(spans: Spans) {
  let nowMs = 0
  const said: string[] = []
  const events: string[] = []
  const others = () =>
    new Set(
      Object.entries(spans)
        .filter(([, times]) => times.some(([from, to]) => nowMs >= from && nowMs < to))
        .map(([node]) => node),
    )
  const ports = {
    clock: {
      monotonic: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms
      },
    },
    random: () => 0.5,
    relayed: async () => others(),
    say: (node: string, text: string) => void said.push(`${node} ${text}`),
  }
  /** Joins what nobody has `laterMs` after it was asked. */
  const join =
    (laterMs = 0) =>
    async (nodes: readonly string[]): Promise<readonly Joined<{ close(): Promise<void> }>[]> => {
      events.push(`${nowMs} join ${nodes.join(' ')}`)
      nowMs += laterMs
      return nodes.map((node) => {
        if (others().has(node)) return { node, error: new AppError('RELAY_BUSY', 'somebody else') }
        return { node, bridge: { close: async () => void events.push(`${nowMs} close ${node}`) } }
      })
    }
  return { ports, join, said, events, nowMs: () => nowMs }
}

const never = new AbortController().signal
const outcomes = (joined: readonly Joined<unknown>[]) =>
  joined.map((one) => ('error' in one ? `${one.node} ${one.error.code}` : one.node))

test('nodes that nobody has are joined at once', async () => {
  const { ports, join, said, events } = world({})
  expect(outcomes(await joinInTurn(['a', 'b'], join(), ports, never))).toEqual(['a', 'b'])
  expect(said).toEqual([])
  expect(events).toEqual(['0 join a b'])
})

test('when another command has one of them, all wait, none is held, and people are told once why', async () => {
  const { ports, join, said, events } = world({ b: [[0, 4_000]] })
  expect(outcomes(await joinInTurn(['a', 'b'], join(), ports, never))).toEqual(['a', 'b'])
  expect(said).toEqual(['b another pgsql-svc --ssh is at work there; waiting for its end'])
  expect(events).toEqual(['4000 join a b'])
})

test('when another comes first in the last moment, what was joined is let go', async () => {
  const { ports, join, said, events } = world({ b: [[100, 5_000]] })
  expect(outcomes(await joinInTurn(['a', 'b'], join(200), ports, never))).toEqual(['a', 'b'])
  expect(said).toEqual(['b another pgsql-svc --ssh is at work there; waiting for its end'])
  expect(events).toEqual(['0 join a b', '200 close a', expect.stringMatching(/^5\d\d\d join a b$/)])
})

test('one that is gone before anybody has seen its stream is waited for, too', async () => {
  const { ports, nowMs } = world({})
  const join = async () =>
    nowMs() < 700
      ? [{ node: 'a', error: new AppError('RELAY_BUSY', 'somebody else') }]
      : [{ node: 'a', bridge: { close: async () => undefined } }]
  expect(outcomes(await joinInTurn(['a'], join, ports, never))).toEqual(['a'])
})

test('an agent that runs there by itself keeps its node, and the others are joined', async () => {
  const { ports, nowMs } = world({})
  const bridge = { close: () => Promise.reject(new Error('must not be closed')) }
  const join = async () => [
    { node: 'a', bridge },
    { node: 'b', error: new AppError('AGENT_RUNS', 'an agent runs') },
  ]
  expect(outcomes(await joinInTurn(['a', 'b'], join, ports, never))).toEqual(['a', 'b AGENT_RUNS'])
  expect(nowMs()).toBeLessThan(5_000)
})

test('one that does not end is told after two minutes; the others are joined', async () => {
  const { ports, join, nowMs } = world({ b: [[0, Number.POSITIVE_INFINITY]] })
  expect(outcomes(await joinInTurn(['a', 'b', 'c'], join(), ports, never))).toEqual([
    'a',
    'b RELAY_BUSY',
    'c',
  ])
  expect(nowMs()).toBeGreaterThan(119_000)
  expect(nowMs()).toBeLessThan(125_000)
})

test('one that is taken again and again ends it too', async () => {
  // Free whenever it is looked at, taken whenever it is joined.
  const { ports, nowMs } = world({})
  const join = async () => [{ node: 'a', error: new AppError('RELAY_BUSY', 'somebody else') }]
  expect(outcomes(await joinInTurn(['a'], join, ports, never))).toEqual(['a RELAY_BUSY'])
  expect(nowMs()).toBeLessThan(125_000)
})

test('nobody waits after a Ctrl-C', async () => {
  const { ports, nowMs } = world({ a: [[0, Number.POSITIVE_INFINITY]] })
  const join = async () => [{ node: 'a', error: new AppError('CANCELLED', 'given up') }]
  expect(outcomes(await joinInTurn(['a'], join, ports, AbortSignal.abort()))).toEqual(['a CANCELLED'])
  expect(nowMs()).toBe(0)
})
