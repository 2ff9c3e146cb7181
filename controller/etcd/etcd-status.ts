/** Whether etcd is watched, for status and log: one line when it is lost, one when it is back. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'

/** Whether etcd is watched. */
export type EtcdState =
  /** It is not in the configuration. */
  | { readonly kind: 'off' }
  | {
      readonly kind: 'watching'
      readonly endpoint: string
      /** Milliseconds since 1970. */
      readonly sinceMs: number
      /** Clusters that have a leader; 0 for a prefix that is not Patroni's. */
      readonly leaders: number
    }
  | {
      readonly kind: 'trying'
      /** Since when it has not been watched, milliseconds since 1970. */
      readonly sinceMs: number
      /** Why the last attempt ended; '' while the first is under way. */
      readonly reason: string
    }

export interface EtcdStatus {
  state(leaders: number): EtcdState
  /** A member has taken the watch. */
  found(endpoint: string, leaders: number): void
  /** An attempt has ended, or a watch. */
  lost(endpoint: string, reason: string): void
}

export function createEtcdStatus(clock: Pick<Clock, 'now'>, log: Logger): EtcdStatus {
  let watched: { endpoint: string; sinceMs: number } | undefined
  let downSinceMs = clock.now()
  let lastReason = ''
  let isToldDown = false
  return {
    state: (leaders) =>
      watched
        ? { kind: 'watching', ...watched, leaders }
        : { kind: 'trying', sinceMs: downSinceMs, reason: lastReason },
    found(endpoint, leaders) {
      watched = { endpoint, sinceMs: clock.now() }
      const awayMs = clock.now() - downSinceMs
      if (leaders === 0)
        log.warn({ endpoint }, 'etcd is watched, and no cluster has a leader below etcd_prefix')
      else log.info({ endpoint, leaders, ...(isToldDown ? { awayMs } : {}) }, 'etcd is watched')
      isToldDown = false
      lastReason = ''
    },
    lost(endpoint, reason) {
      if (watched) downSinceMs = clock.now()
      watched = undefined
      lastReason = `${endpoint}: ${reason}`
      if (isToldDown) return log.debug({ endpoint, reason }, 'etcd is still not watched')
      isToldDown = true
      log.warn({ endpoint, reason }, 'etcd is not watched; leader changes are learnt from the agents alone')
    },
  }
}
