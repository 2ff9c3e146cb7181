import { expect, test } from 'vitest'
import type { Located } from '../../../agent/haproxy/locate.ts'
import { clearOldStates } from '../../../agent/server-state/clear-old.ts'

const located: Located = {
  layout: { kind: 'conf.d', serviceDir: '/s', workDir: '/w', reserved: new Set() },
  running: { pid: 1, configPaths: [], masterSocket: '/m', masterWorker: true },
  configPaths: [],
  masterSocket: '/m',
  statsSocket: '/stats',
}
/** As 3.1 and later list a worker that still reads its files. */
const listed =
  '#<PID> <type> <reloads> <uptime> <version>\n1 master 0 [failed: 0] 0d00h00m01s 3.1\n# workers\n2 worker 0 0d00h00m01s 3.1\n'

/** @param answersAt - the look at which the worker answers */
async function clearing(answersAt: number, current: readonly (string | undefined)[] = ['g1']) {
  let looks = 0
  const cleared: (string | undefined)[] = []
  const standing = [...current]
  await clearOldStates(
    {
      clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
      cli: {
        async ask(_path, command) {
          if (command === 'show proc') return listed
          looks += 1
          if (looks < answersAt) throw new Error('ECONNREFUSED')
          return 'Pid: 2\n'
        },
      },
      states: {
        asker: { ask: async () => 'silent' },
        dir: '/d',
        handOver: {
          put: async () => async () => undefined,
          current: async () => (standing.length > 1 ? standing.shift() : standing[0]),
          clear: async (_dir, only) => void cleared.push(only),
        },
      },
    },
    async () => located,
    new AbortController().signal,
  )
  return { cleared, looks }
}

test('old states are there until a worker answers, however early it is listed', async () => {
  expect(await clearing(5)).toEqual({ cleared: ['g1'], looks: 5 })
})

test('a HAProxy that never comes up takes them away by its unit', async () => {
  expect(await clearing(1_000)).toEqual({ cleared: [], looks: 60 })
})

test('where there are none nobody is asked', async () => {
  expect(await clearing(1, [undefined])).toEqual({ cleared: [], looks: 0 })
})

test('others that come while HAProxy is waited for are none of ours', async () => {
  expect(await clearing(5, ['g1', 'g1', 'g2'])).toEqual({ cleared: [], looks: 1 })
})
