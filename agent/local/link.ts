/** Whether a controller is there, and since when it is so. */
import type { Clock } from '../../shared/ports/clock.ts'

export interface LinkState {
  readonly connected: boolean
  /** The one that is there, or was tried last; '' before the first attempt has ended. */
  readonly address: string
  /** Milliseconds since 1970. */
  readonly sinceMs: number
  /** Why the last attempt ended; '' while connected. */
  readonly reason: string
}

export interface Link {
  connected(address: string): void
  away(address: string, reason: string): void
  state(): LinkState
}

export function createLink(clock: Pick<Clock, 'now'>): Link {
  let state: LinkState = { connected: false, address: '', sinceMs: clock.now(), reason: '' }
  return {
    connected(address) {
      state = { connected: true, address, sinceMs: clock.now(), reason: '' }
    },
    away(address, reason) {
      const sinceMs = state.connected ? clock.now() : state.sinceMs
      state = { connected: false, address, sinceMs, reason }
    },
    state: () => state,
  }
}
