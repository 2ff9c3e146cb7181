/**
 * Asks Patronis for hints: the one on this node, five times a second while something is going on; on a node that is no
 * member the leader's, which says that it stops a second before another can lead. A member asks the leader's too while
 * there is no controller by which the others would pass on what they see. The looks see the rest.
 */
import type { Assignment, Member } from '../../shared/model/snapshot.ts'
import { untilBeat } from '../../shared/ports/beat.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { abroadPauseMs } from './abroad-pause.ts'
import type { AssignedReader } from './assigned.ts'
import type { Follower } from './follower.ts'
import { patroniHint } from './patroni-hint.ts'
import type { PatroniClient, PatroniStatus } from './patroni-status.ts'
import { createRestraint } from './restraint.ts'
import { isBusy } from './track.ts'

export interface PatroniPollPorts {
  readonly clock: Clock
  readonly assigned: AssignedReader
  readonly patroni: PatroniClient
  /** A controller is connected. */
  readonly hasController: () => boolean
}

export interface PatroniPollOptions {
  /** This node, as the inventory has it. */
  readonly node: string
  /** At rest, milliseconds. */
  readonly patroniPollMs: number
  /** How many clusters the node follows now. */
  readonly clusters: () => number
}

const pollTransitionMs = 200
const pollTimeoutMs = 1_000
/** What lasts is said again after so long. */
const repeatMs = 5_000
const nobodyMs = 5_000

/** Until `signal` aborts. */
export async function pollPatroni(
  { assigned, patroni, clock, hasController }: PatroniPollPorts,
  { node, patroniPollMs, clusters }: PatroniPollOptions,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  const restraint = createRestraint(clock, repeatMs)
  let before: ReadonlyMap<string, PatroniStatus | undefined> = new Map()
  const ask = async (member: Member) => {
    const { instance } = member
    const status = await patroni.status(member, pollTimeoutMs)
    if (status) follower.learn(status.timeline)
    const { leader } = follower.track()
    const hint = patroniHint(status, before.get(instance), { instance, leader })
    if (hint && restraint.allows(JSON.stringify([hint, leader, status?.timeline]))) follower.hint(hint)
    return [instance, status] as const
  }
  const restMs = (assignment: Assignment, isMember: boolean) => {
    if (isMember && isBusy(follower.track(), clock.monotonic()))
      return Math.min(pollTransitionMs, patroniPollMs)
    if (isMember) return untilBeat(clock, patroniPollMs)
    // Nobody passes on what another node has found.
    const outsideNodes = hasController() ? assignment.outsideNodes : 1
    return abroadPauseMs(patroniPollMs, { clusters: clusters(), outsideNodes })
  }
  while (!signal.aborted) {
    const found = await assigned.read(follower.owner).catch(() => undefined)
    const members = found?.assignment.members ?? []
    const asked = membersToAsk(members, { node, leader: follower.track().leader, isAlone: !hasController() })
    before = new Map(await Promise.all(asked.map(ask)))
    const isMember = members.some(({ address }) => address === node)
    await clock.sleep(found && asked.length > 0 ? restMs(found.assignment, isMember) : nobodyMs, signal)
  }
}

/** The inventory names a host by its address. Pure. */
export function membersToAsk(
  members: readonly Member[],
  { node, leader, isAlone }: { readonly node: string; readonly leader: string; readonly isAlone: boolean },
): readonly Member[] {
  const isMember = members.some(({ address }) => address === node)
  return members.filter(
    ({ address, instance }) => address === node || (instance === leader && (isAlone || !isMember)),
  )
}
