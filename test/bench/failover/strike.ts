/** What befalls the leader, and how it is mended. */
import { freezePrograms, killPrograms, thaw } from '../../lab/faults.ts'
import { startPatroni } from '../../lab/real/member.ts'
import type { RealSystem } from '../../lab/real/real-system.ts'
import { rejoined } from '../../lab/real/rejoined.ts'
import type { MemberSpec } from '../../lab/real/topology.ts'

/**
 * `switchover`: planned. `kill`: Patroni and PostgreSQL of the leader by `kill -9`. `freeze`: its Patroni alone is stopped
 * (SIGSTOP). `orphan`: its Patroni alone is killed. After the last two its PostgreSQL goes on taking writes.
 */
export type Fault = 'switchover' | 'kill' | 'freeze' | 'orphan'

/** The leader, who is to follow, and all members of their cluster. */
export interface Victim {
  readonly leader: string
  readonly other: string
  readonly members: readonly MemberSpec[]
}

/** Longest time until the new leader takes writes: a kill waits for Patroni's `ttl`. */
export const PROMOTE_MS = 90_000

/** PostgreSQL of the leader goes on when another leads. */
export function outlives(fault: Fault): boolean {
  return fault === 'freeze' || fault === 'orphan'
}

export async function strike(system: RealSystem, { leader, other }: Victim, fault: Fault): Promise<void> {
  const host = system.lab.host(leader)
  if (fault === 'kill') return await killPrograms(host, 'patroni', 'postgres')
  if (fault === 'orphan') return await killPrograms(host, 'patroni')
  if (fault === 'freeze') return freezePrograms(host, 'patroni')
  return await switchOver(system, leader, other)
}

/** A planned switchover; resolves when Patroni says that it is done. */
export async function switchOver(system: RealSystem, leader: string, candidate: string): Promise<void> {
  const url = `http://${system.lab.host(leader).address}:8008/switchover`
  const body = JSON.stringify({ leader, candidate })
  // By patronictl it would be the same, and a start of Python.
  const answer = await system.probe.http(url, { method: 'POST', body, timeoutMs: PROMOTE_MS })
  if (answer.status !== 200) throw new Error(`no switchover: ${answer.status} ${answer.body}`)
}

export async function repair(system: RealSystem, { leader, members }: Victim, fault: Fault): Promise<void> {
  const host = system.lab.host(leader)
  if (fault === 'freeze') thaw(host)
  if (fault === 'kill' || fault === 'orphan') system.patroni.set(leader, await startPatroni(host))
  await rejoined(system, members[0]?.cluster ?? '', [leader])
}
