/** The time without acknowledged writes around a change of leader, and whose it is. Pure. */
import type { Marks } from './watcher/marks.ts'
import type { Ack } from './writers/record.ts'

export interface Split {
  /** From the last write that the old leader acknowledged to the first of the new one; Infinity when there was none. */
  readonly windowMs: number
  /** Patroni's own: until the new leader's `/primary` answers 200. */
  readonly until200Ms: number
  /** PostgreSQL's own: from then until it takes a write. */
  readonly untilWritableMs: number
  /** Ours: from then until a write through HAProxy is acknowledged. */
  readonly afterWritableMs: number
  /** Longest time between two acknowledged writes after that. */
  readonly laterGapMs: number
}

/**
 * @param acks - of one client that writes, in the order in which they were acknowledged
 * @returns undefined when the client had not written before, or nobody leads: there is nothing to be seen
 */
export function splitOf(acks: readonly Ack[], marks: Marks): Split | undefined {
  const { next, writableMs } = marks
  if (next === undefined || writableMs === undefined) return undefined
  const at = acks.findIndex(({ instance }) => instance === next)
  const last = acks[(at === -1 ? acks.length : at) - 1]
  if (last === undefined) return undefined
  const first = at === -1 ? undefined : acks[at]
  const firstMs = first?.ackMs ?? Number.POSITIVE_INFINITY
  // Asked less often than writes are tried: it may have been 200 before it was seen to be.
  const primaryMs = Math.min(marks.primaryMs ?? writableMs, writableMs)
  const later = at === -1 ? [] : acks.slice(at)
  return {
    windowMs: firstMs - last.ackMs,
    until200Ms: primaryMs - last.ackMs,
    untilWritableMs: writableMs - primaryMs,
    // The client may be faster than the one that asks directly.
    afterWritableMs: Math.max(0, firstMs - writableMs),
    laterGapMs: Math.max(
      0,
      ...later.slice(1).map(({ ackMs }, index) => ackMs - (later[index]?.ackMs ?? ackMs)),
    ),
  }
}
