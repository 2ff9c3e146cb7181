/**
 * Delay before reconnect attempt `attempt`, with full jitter: uniform in 0 … min(cap, base·2^attempt).
 *
 * Source: gRPC connection backoff protocol for base and cap; full jitter so that agents that lost the same
 * controller do not come back together.
 *
 * @param attempt - 0 for the first retry
 * @param random - in [0, 1)
 * @returns milliseconds
 * @throws RangeError if `attempt` is negative or not an integer
 */
export function backoffMs(attempt: number, random: number, { baseMs = 500, capMs = 15_000 } = {}): number {
  if (!Number.isInteger(attempt) || attempt < 0)
    throw new RangeError(`attempt must be 0, 1, 2, ...: ${attempt}`)
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)))
}
