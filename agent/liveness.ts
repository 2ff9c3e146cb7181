/** Whether the agent still does its work, as far as it can tell itself: what the watchdog of its unit is told. */
import type { Clock } from '../shared/ports/clock.ts'
import type { AgentConfig } from './options.ts'

export interface Liveness {
  /**
   * The session has taken a turn: a stream is up and looked after, or one is tried again and again.
   *
   * @param nextInMs - when it will take the next one
   */
  turn(nextInMs: number): void
  /** @param busySince - when the order in hand was begun, monotonic; undefined when none is */
  isAlive(busySince: number | undefined): boolean
}

/** The session may be this late; without a stream it also waits some seconds before it tries again. */
const lateMs = 120_000
/** An order asks HAProxy more than once where something is at fault, and looks for what it is by halving. */
const checksPerOrder = 10

/** @param config - an order may take ten times what one check and one reload may */
export function createLiveness(
  clock: Pick<Clock, 'monotonic'>,
  config: Pick<AgentConfig, 'validate_timeout_ms' | 'reload_timeout_ms'>,
): Liveness {
  const orderMs = checksPerOrder * (config.validate_timeout_ms + config.reload_timeout_ms)
  let nextTurn = clock.monotonic()
  return {
    turn(nextInMs) {
      nextTurn = clock.monotonic() + nextInMs
    },
    isAlive(busySince) {
      const now = clock.monotonic()
      // A new stream waits for the order that outlived the one before.
      return busySince === undefined ? now - nextTurn <= lateMs : now - busySince <= orderMs
    },
  }
}
