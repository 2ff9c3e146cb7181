import { expect, test } from 'vitest'
import { abroadPauseMs } from '../../../agent/follow/abroad-pause.ts'
import { createFollowing } from '../../../agent/follow/following.ts'
import { routingOf } from '../../../agent/follow/routing.ts'
import { emptyState } from '../../../agent/state/state-file.ts'

test.each([
  ['one proxy of one cluster asks as often as anybody', 1_000, 1, 1, 1_000],
  ['where not known how many there are', 1_000, 1, 0, 1_000],
  ['three proxies share what one would ask', 1_000, 1, 3, 3_000],
  ['a slower poll stays as slow', 10_000, 1, 3, 10_000],
  ['a proxy of fifty clusters asks ten times a second in all', 1_000, 50, 2, 5_000],
])('%s', (_what, pollMs, clusters, outsideNodes, expected) => {
  expect(abroadPauseMs(pollMs, { clusters, outsideNodes })).toBe(expected)
})

test.each([
  ['so long a proxy waits after each answer', true, [3_000, 3_000, 3_000]],
  [
    'without a controller, by which the others would tell it, a proxy asks as if it were the only one',
    false,
    Array(9).fill(1_000),
  ],
])('%s', async (_what, hasController, expected) => {
  const asked: number[] = []
  let nowMs = 0
  const sleepers = new Set<{ readonly dueMs: number; readonly resolve: () => void }>()
  const stop = new AbortController()
  const assignment = {
    ...{
      owner: 'pg-a',
      revision: 1,
      leader: 'pg-a-1',
      inventoryLeader: 'pg-a-1',
      outsideNodes: 3,
      services: [],
    },
    members: [{ instance: 'pg-a-1', address: '10.9.9.1', patroniPort: 8008, patroniTls: false }],
    ...{ variants: [{ leader: 'pg-a-1', files: [] }], follow: 'on' as const },
  }
  const snapshot = { version: 1, assignments: [assignment] }
  const routing = routingOf(assignment.members, [])
  const clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleepers.add({ dueMs: nowMs + ms, resolve })
        signal?.addEventListener('abort', () => resolve(), { once: true })
        if (signal?.aborted) resolve()
      }),
  }
  const wake = () => {
    for (const sleeper of sleepers) {
      if (sleeper.dueMs > nowMs) continue
      sleepers.delete(sleeper)
      sleeper.resolve()
    }
  }
  const following = createFollowing(
    {
      ...{ clock, log: { debug: () => undefined, info: () => undefined, warn: () => undefined } },
      state: () => ({ ...emptyState('proxy'), snapshot }),
      asker: { ask: async () => 'passes' },
      patroni: {
        async status() {
          asked.push(nowMs)
          return undefined
        },
      },
      assigned: { read: async () => ({ assignment, running: 'pg-a-1', routing }) },
      ...{ rows: async () => new Map(), spare: async () => undefined, report: () => undefined },
      tell: async () => ({ kind: 'told', servers: 0 }),
      ...{ move: async () => undefined, hasController: () => hasController },
    },
    { node: 'proxy', policy: 'on', stableMs: 3_000, patroniPollMs: 1_000 },
  )
  const done = following.run(stop.signal)
  while (nowMs < 9_500) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    nowMs += 100
    wake()
  }
  stop.abort()
  await done

  const pauses = asked.slice(1).map((atMs, index) => atMs - (asked[index] ?? 0))
  expect(pauses).toEqual(expected)
})
