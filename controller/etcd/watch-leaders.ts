/**
 * Keeps watching who leads in etcd, at one of its members, again and again, and passes on what has changed.
 *
 * After every break everything is read anew and compared with what was told last, so that nothing has to be known of
 * the time between: not whether etcd still keeps its changes, nor whether it is the same etcd. What it says is a reason
 * to look for those who are told, and nothing more; without it they find out by themselves. So nothing here fails: an
 * etcd that is away is logged, and tried again.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { backoffMs } from '../../shared/retry/backoff.ts'
import { tryOut } from '../../shared/rpc/owned-connection.ts'
import type { OutsideHint } from '../leaders/leader-desk.ts'
import { openEtcd } from './etcd-client.ts'
import { createEtcdStatus, type EtcdState } from './etcd-status.ts'
import { afterChanges, afterReading, type Leaders, type Told } from './leader-hints.ts'
import { type EtcdSettings, readEtcdSecrets } from './settings.ts'
import { reasonOf, type WatchEvents, watchOnce } from './watch-once.ts'

export interface EtcdTimes {
  /** For logging in and for each page of keys, connecting included. */
  readonly callTimeoutMs: number
  /** How often a member is asked for a sign of life. */
  readonly beatMs: number
  /** Silence after which it is given up. */
  readonly silenceMs: number
  /** A watch that lived this long was good: the next attempt comes soon again. */
  readonly stableMs: number
  /** Of the pauses between attempts, which grow with each round of all members. */
  readonly pause: { readonly baseMs: number; readonly capMs: number }
}

/** Logging in costs etcd much (bcrypt), so attempts are few when none succeeds. */
export const usualEtcdTimes: EtcdTimes = {
  callTimeoutMs: 5_000,
  beatMs: 2_000,
  silenceMs: 6_000,
  stableMs: 10_000,
  pause: { baseMs: 250, capMs: 10_000 },
}

export interface EtcdPorts {
  readonly clock: Clock
  readonly log: Logger
  /** In [0, 1). */
  readonly random: () => number
  /** Takes what is worth a look. */
  readonly hint: (hint: OutsideHint) => void
}

export interface LeaderWatch {
  state(): EtcdState
  /** Resolves when `signal` was aborted and nothing is left of the watch. Never rejects. */
  readonly ended: Promise<void>
}

/** @param settings - undefined for no etcd: nothing is watched */
export function watchLeaders(
  ports: EtcdPorts,
  settings: EtcdSettings | undefined,
  signal: AbortSignal,
  times = usualEtcdTimes,
): LeaderWatch {
  if (!settings) return { state: () => ({ kind: 'off' }), ended: Promise.resolve() }
  const { clock, log, hint } = ports
  const status = createEtcdStatus(clock, log)
  let leaders: Leaders = new Map()
  const tell = (told: Told) => {
    for (const one of told.hints) {
      log.debug({ scope: one.scope, instance: one.instance, before: one.before }, 'etcd says who leads')
      hint(one)
    }
    // Last, so that what could not be passed on is found again by the next reading.
    leaders = told.leaders
  }
  const attempt = async (endpoint: string): Promise<Attempt> => {
    let watchedFromMs = Number.POSITIVE_INFINITY
    const events: WatchEvents = {
      onReading: (read) => tell(afterReading(leaders, read, settings.prefix)),
      onChanges: (changes) => tell(afterChanges(leaders, changes, settings.prefix)),
      onWatching: () => {
        watchedFromMs = clock.monotonic()
        status.found(endpoint, leaders.size)
      },
    }
    const reason = await connectAndWatch({ endpoint, settings, times, clock, events }, signal)
    if (!signal.aborted) status.lost(endpoint, reason)
    return { wasGood: clock.monotonic() - watchedFromMs >= times.stableMs }
  }
  return {
    state: () => status.state(leaders.size),
    ended: keepTrying(attempt, ports, settings.endpoints, times, signal),
  }
}

interface Attempt {
  /** It came to a watch that lived long. */
  readonly wasGood: boolean
}

async function keepTrying(
  attempt: (endpoint: string) => Promise<Attempt>,
  { clock, random }: EtcdPorts,
  endpoints: readonly string[],
  { pause }: EtcdTimes,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0
  for (let turn = 0; !signal.aborted; turn += 1) {
    const { wasGood } = await attempt(endpoints[turn % endpoints.length] ?? '')
    failures = wasGood ? 1 : failures + 1
    // The other members come first: one that is dead must not keep us from those that live.
    const rounds = Math.floor((failures - 1) / endpoints.length)
    await clock.sleep(backoffMs(rounds, random(), pause), signal)
  }
}

interface Connection {
  readonly endpoint: string
  readonly settings: EtcdSettings
  readonly times: EtcdTimes
  readonly clock: Clock
  readonly events: WatchEvents
}

/** @returns why it is over; never rejects */
async function connectAndWatch(
  { endpoint, settings, times, clock, events }: Connection,
  signal: AbortSignal,
): Promise<string> {
  const { prefix, user, files } = settings
  let close = () => {}
  const stop = () => close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const secrets = await readEtcdSecrets(files)
    await tryOut(endpoint, times.callTimeoutMs, signal)
    if (signal.aborted) return 'stopped'
    const client = openEtcd(endpoint, secrets, times.callTimeoutMs)
    close = client.close
    const login = secrets.password === undefined ? undefined : { user, password: secrets.password }
    return await watchOnce(client, { ...times, clock, prefix, login, events }, signal)
  } catch (error) {
    return reasonOf(error)
  } finally {
    signal.removeEventListener('abort', stop)
    close()
  }
}
