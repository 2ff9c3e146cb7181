/** What clients met while a leader changed. Pure. */
import type { TrafficRecord } from './traffic/record.ts'

/**
 * Members in the order in which they took writes over from each other. One that comes again was still written to, or
 * again: a write counts for the one before only while it was begun before the next one's first was acknowledged.
 */
export function takeovers(records: readonly TrafficRecord[]): readonly string[] {
  const acks = records
    .filter(({ kind, error }) => kind !== 'read' && error === '')
    .sort((a, b) => a.toMs - b.toMs)
  const members: string[] = []
  let sinceMs = Number.NEGATIVE_INFINITY
  for (const { instance, fromMs, toMs } of acks) {
    if (instance === members.at(-1) || fromMs <= sinceMs) continue
    members.push(instance)
    sinceMs = toMs
  }
  return members
}

/** Statements that came to nothing. */
export function failuresOf(records: readonly TrafficRecord[]): readonly TrafficRecord[] {
  return records.filter(({ error }) => error !== '')
}

/** Longest time between two answers of one client, milliseconds, up to the end of its last statement. */
export function longestGapMs(records: readonly TrafficRecord[]): number {
  const answered = records.filter(({ error }) => error === '').sort((a, b) => a.toMs - b.toMs)
  const endMs = Math.max(...records.map(({ toMs }) => toMs))
  const gaps = answered.map(({ toMs }, index) => (answered[index + 1]?.toMs ?? endMs) - toMs)
  return Math.max(0, ...gaps)
}
