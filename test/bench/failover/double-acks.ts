/**
 * Writes that were acknowledged and should not have been, or that are gone. Pure.
 *
 * A *double ack* is a write that an instance acknowledged although it had been sent after the leader's lock was
 * taken from that instance, as etcd's own events say. Somebody else may lead by then, and the write is lost.
 */
import type { LockEvent } from './watcher/marks.ts'
import type { Ack, Failure } from './writers/record.ts'

/** @param leader - who held the lock before the first event */
export function doubleAcks(acks: readonly Ack[], leader: string, lock: readonly LockEvent[]): readonly Ack[] {
  return acks.filter(({ instance, sentMs, ackMs }) => {
    const before = lock.filter(({ atMs }) => atMs <= sentMs)
    const hadIt = instance === leader || before.some(({ holder }) => holder === instance)
    const lost = hadIt && before.length > 0 && before.at(-1)?.holder !== instance
    // It may have got the lock back before it answered.
    return lost && !lock.some(({ atMs, holder }) => atMs > sentMs && atMs <= ackMs && holder === instance)
  })
}

/** Acknowledged writes that are not there afterwards. @param kept - `<client>/<seq>` of the rows of the final leader */
export function lostAcks(id: number, acks: readonly Ack[], kept: ReadonlySet<string>): readonly Ack[] {
  return acks.filter(({ seq }) => !kept.has(`${id}/${seq}`))
}

/**
 * Who lost the lock to somebody that put its own over it, with nobody's in between.
 *
 * Patroni before 3.0.3 does so when a leader's Patroni that stood still goes on after its lock had ended and another led:
 * https://github.com/patroni/patroni/pull/2689. What the other had taken is gone when it is rewound.
 *
 * @param leader - who held the lock before the first event
 */
export function overwritten(leader: string, lock: readonly LockEvent[]): ReadonlySet<string> {
  const holders = [leader, ...lock.map(({ holder }) => holder)]
  const losers = holders.filter((holder, index) => {
    const next = holders[index + 1] ?? ''
    return holder !== '' && next !== '' && next !== holder
  })
  return new Set(losers)
}

/** What a member says that does not lead. */
const READ_ONLY = '25006'
/** Connections that were on their way when HAProxy was told. */
const GRACE_MS = 250

/** New connections that were led to a member that does not lead, after the new leader had already been found. */
export function strays(acks: readonly Ack[], failures: readonly Failure[], next: string): readonly Failure[] {
  const found = acks.find(({ instance }) => instance === next)
  if (found === undefined) return []
  return failures.filter(
    ({ beganMs, error }) => error.startsWith(READ_ONLY) && beganMs > found.ackMs + GRACE_MS,
  )
}
