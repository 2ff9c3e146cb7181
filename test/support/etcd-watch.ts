/** The watch of the controller as a test sees it: what it told, in short words, and what it logged. */
import type { EtcdState } from '../../controller/etcd/etcd-status.ts'
import type { EtcdSettings } from '../../controller/etcd/settings.ts'
import { type EtcdTimes, watchLeaders } from '../../controller/etcd/watch-leaders.ts'
import type { OutsideHint } from '../../controller/leaders/leader-desk.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { until } from './haproxy-lab.ts'
import { type LogLine, recordingLog } from './recording-log.ts'

/** Short enough for a test, long enough for a machine that stands still for seconds. */
export const quickTimes: EtcdTimes = {
  callTimeoutMs: 3_000,
  beatMs: 200,
  silenceMs: 5_000,
  stableMs: 1_000,
  pause: { baseMs: 50, capMs: 500 },
}

export const limitMs = 60_000

export interface TestWatch {
  /** `pg-test: pg-test-2`, or `pg-test: nobody after pg-test-1`; in the order told. */
  readonly told: string[]
  readonly lines: readonly LogLine[]
  state(): EtcdState
  /** Waits until it is watched. */
  watching(): Promise<void>
  /** Waits until it is not, for a reason that contains the words. */
  trying(words?: string): Promise<void>
  /** Waits for the last thing told of an owner. */
  hears(words: string): Promise<void>
  stop(): Promise<void>
}

export interface TestWatchOptions extends Partial<Omit<EtcdSettings, 'files'>> {
  readonly files?: Partial<EtcdSettings['files']>
  readonly times?: Partial<EtcdTimes>
  /** In place of noting the hint. */
  readonly onHint?: (hint: OutsideHint) => void
}

export function startWatch(endpoints: readonly string[], options: TestWatchOptions = {}): TestWatch {
  const { files = {}, times = {}, onHint, ...others } = options
  const stop = new AbortController()
  const told: string[] = []
  const note = (hint: OutsideHint) => void told.push(inWords(hint))
  const { log, lines } = recordingLog()
  const noFiles = { etcd_ca: '', etcd_cert: '', etcd_key: '', etcd_password_file: '' }
  const watch = watchLeaders(
    { clock: systemClock(), log, random: Math.random, hint: onHint ?? note },
    { endpoints, prefix: '/pg/', user: '', ...others, files: { ...noFiles, ...files } },
    stop.signal,
    { ...quickTimes, ...times },
  )
  return {
    told,
    lines,
    state: watch.state,
    watching: () => until(() => watch.state().kind === 'watching', limitMs),
    trying: (words = '') =>
      until(() => {
        const state = watch.state()
        return state.kind === 'trying' && state.reason.includes(words) && state.reason !== ''
      }, limitMs),
    hears: (words) => until(() => told.findLast((one) => owner(one) === owner(words)) === words, limitMs),
    async stop() {
      stop.abort()
      await watch.ended
    },
  }
}

/** Citus' groups share a scope, and are told apart by who leads or has led. */
export function inWords({ scope, instance, before }: OutsideHint): string {
  return `${scope}: ${instance || `nobody after ${before || 'nobody'}`}`
}

function owner(words: string): string {
  return words.slice(0, words.indexOf(':'))
}
