import { expect, test } from 'vitest'
import { createLogger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNotifier } from '../../shared/systemd/notifier.ts'

const log = createLogger('test', 'silent')

/** A notifier whose words are kept, on a clock that ends after some sleeps. */
function notifier(env: Readonly<Record<string, string>>, sleeps = 0) {
  const said: string[] = []
  const slept: number[] = []
  const over = new AbortController()
  const exec = {
    run: async (_file: string, args: readonly string[]) => {
      said.push(args.join(' '))
      return { status: 0, stdout: '', stderr: '' }
    },
  }
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms) => {
      slept.push(ms)
      if (slept.length >= sleeps) over.abort()
    },
  }
  return { said, slept, signal: over.signal, made: createNotifier({ exec, clock, log }, env, 42) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('without systemd nothing is said and nothing is started', async () => {
  const { said, signal, made } = notifier({ WATCHDOG_USEC: '3000000' }, 1)

  made.ready('up')
  made.status('busy')
  made.stopping()
  await made.watch(() => true, signal)
  await settled()

  expect(said).toEqual([])
})

test('the same status is said once, and the last word last', async () => {
  const { said, made } = notifier({ NOTIFY_SOCKET: '/run/systemd/notify' })

  made.ready('connected')
  made.status('connected')
  made.status('alone')
  made.stopping()
  await settled()

  expect(said).toEqual(['--ready --status=connected', '--status=alone', 'STOPPING=1'])
})

test('signs of life go out three times in WatchdogSec, and none for what is not alive', async () => {
  const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '90000000', WATCHDOG_PID: '42' }
  const { said, slept, signal, made } = notifier(env, 3)
  const answers = [true, false, true]

  await made.watch(() => answers.shift() ?? false, signal)
  await settled()

  expect(said).toEqual(['WATCHDOG=1', 'WATCHDOG=1'])
  expect(slept).toEqual([30_000, 30_000, 30_000])
})

test('a watchdog that is meant for another process is none of ours', async () => {
  const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '90000000', WATCHDOG_PID: '41' }
  const { said, signal, made } = notifier(env, 1)

  await made.watch(() => true, signal)
  await settled()

  expect(said).toEqual([])
})
