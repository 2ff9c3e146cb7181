/** Compares what was seen of a cluster with a row of the table of faults. */
import { expect } from 'vitest'
import type { FollowRow } from '../../fault-table/follow-rows.ts'
import type { Befallen } from './under.ts'

/** True of any change that takes longer than ten seconds, and on a slow machine of others too. */
const LONG = 'NO_LEADER'

/** @param more - reloads that the test itself has asked for, on every node */
export function expectSeen(seen: Befallen, { fault, seen: expected }: FollowRow, more = 0): void {
  const { leads, reloads, codes, everyRead, isSplit, changes = leads === 'another' ? 1 : 0 } = expected
  const events = seen.events.map(({ node, message }) => `${node} ${message}`)
  const what = `${fault}; events:\n${events.join('\n')}\n`
  expect(seen.to === seen.from ? 'the same' : 'another', what).toBe(leads)
  const [least, most] = typeof reloads === 'number' ? [reloads, reloads] : reloads
  const others = [...seen.reloads].filter(([, count]) => count < least + more || count > most + more)
  expect(others, `nodes without ${least} to ${most} reloads; ${what}`).toEqual([])
  expect(new Set([...seen.codes, LONG]), what).toEqual(new Set([...codes, LONG]))
  if (everyRead) expect(seen.failedReads, `failed reads; ${what}`).toEqual([])
  const took = `${seen.takeovers.join(', ')} took writes in turn`
  if (!isSplit) expect(seen.takeovers.length - 1, `${took}; ${what}`).toBeLessThanOrEqual(changes)
}
