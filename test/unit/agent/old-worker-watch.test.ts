/** Old workers that do not do as they should. */
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { OldWorkerLimits } from '../../../agent/old-workers/limits.ts'
import { createOldWorkers } from '../../../agent/old-workers/old-workers.ts'

const silence = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
const refusal = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

const stats = (status: string, sessions: number) =>
  `# pxname,svname,scur,status,check_status,addr,\nsvc,s1,${sessions},${status},L4CON,10.0.0.1:5432,\n`
const listed = (workers: readonly number[]) =>
  [
    '#<PID> <type> <reloads> <uptime> <version>',
    '1 master 3 [failed: 0] 0d00h10m00s 2.6.12',
    '# workers',
    ...workers.slice(0, 1).map((pid) => `${pid} worker 0 0d00h00m09s 2.6.12`),
    '# old workers',
    ...workers.slice(1).map((pid, index) => `${pid} worker ${index + 1} 0d00h00m09s 2.6.12`),
    '# programs',
    '',
  ].join('\n')

/** Pid 10 serves; the others are old, the newest first. */
function watch(
  old: readonly number[],
  answerOf: (pid: number, look: number, command: string) => string | Error,
  limits: OldWorkerLimits = { maxCount: 0, maxAgeS: 0 },
) {
  let nowMs = 0
  let looks = 0
  const asked: string[] = []
  const ended: number[] = []
  const watcher = createOldWorkers(
    {
      cli: {
        async ask(_path, command, timeoutMs) {
          if (command === 'show proc') return listed([10, ...old])
          asked.push(command)
          const answer = answerOf(Number(/^@!(\d+)/.exec(command)?.[1]), looks, command)
          if (answer === silence) nowMs += timeoutMs
          if (answer instanceof Error) throw answer
          return answer
        },
      },
      clock: {
        now: () => nowMs,
        monotonic: () => nowMs,
        sleep: async (ms) => {
          nowMs += ms
        },
      },
      log: pino({ level: 'silent' }),
      locate: async () => ({
        layout: { kind: 'conf.d', serviceDir: '/s', workDir: '/w', reserved: new Set() },
        running: { pid: 1, configPaths: [], masterSocket: '/m', masterWorker: true },
        masterSocket: '/m',
      }),
      shutdown: async () => new Map([['svc', new Set(['s1'])]]),
      terminate: async (pid) => void ended.push(pid),
    },
    limits,
  )
  const look = async () => {
    looks += 1
    asked.length = 0
    const beganMs = nowMs
    await watcher.look()
    return { asked: [...asked], tookMs: nowMs - beganMs }
  }
  return {
    watcher,
    look,
    ended,
    wait: (ms: number) => {
      nowMs += ms
    },
  }
}

test('one that hangs is asked seldom, so that sessions of the others end in time', async () => {
  const { look, wait } = watch([11, 12], (pid) => (pid === 12 ? silence : stats('UP', 1)))

  expect((await look()).tookMs).toBeGreaterThan(0)
  expect(await look()).toMatchObject({ tookMs: 0, asked: expect.not.arrayContaining([/^@!12/]) })
  wait(60_000)
  expect((await look()).tookMs).toBeGreaterThan(0)
})

test('one that hangs is counted all the same, with the sessions that it had', async () => {
  const { look, watcher } = watch([11], (_pid, looks) => (looks > 1 ? silence : stats('UP', 7)))

  await look()
  await look()
  await look()

  expect(watcher.known()).toMatchObject([{ pid: 11, sessions: 7 }])
})

test('one that hangs is ended when it is over the limit', async () => {
  const { look, ended } = watch([11, 12], (pid) => (pid === 12 ? silence : stats('UP', 1)), {
    ...{ maxCount: 1, maxAgeS: 0 },
  })

  await look()

  expect(ended).toEqual([12])
})

test('one that cannot be asked for a moment, because the master is busy, is asked at the next look', async () => {
  const { look } = watch([11], (pid, looks) => (pid === 11 && looks === 1 ? refusal : stats('UP', 1)))

  await look()

  expect((await look()).asked[0]).toMatch(/^@!11 /)
})

test('servers are looked at again after sessions were ended: one may be up by then', async () => {
  const session = (pid: number) =>
    `0x${pid}: proto=tcpv4 src=127.0.0.1:${pid} fe=svc be=svc srv=s1 ts=00 epoch=0 age=5s calls=3\n`
  let ended = 0
  const { look, watcher } = watch([11, 12], (pid, _looks, command) => {
    if (command.includes('shutdown')) ended += 1
    if (command.endsWith('show sess')) return session(pid)
    if (command.includes(' 0x'))
      return `0x${pid}: source=127.0.0.1:${pid}\n  backend=svc (id=2)\n  server=s1 (id=1)\n`
    return stats(pid === 10 && ended > 0 ? 'UP' : 'DOWN', 1)
  })

  await look()

  expect([ended, watcher.ended().markedDown]).toEqual([1, 1])
})
