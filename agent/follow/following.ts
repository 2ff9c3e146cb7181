/**
 * Follows the leaders of all clusters that this node serves: one follower each, and the sources of their hints.
 *
 * With the controller gone it goes on: the Patronis and what HAProxy's own checks find out are enough.
 */
import type { Logger } from '../../shared/log/logger.ts'
import { policyOf } from '../../shared/model/follow-policy.ts'
import type { LeaderHint, LeaderReport, LeaderView, Timeline } from '../../shared/model/leader.ts'
import type { FollowPolicy, Member, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import { untilBeat } from '../../shared/ports/beat.ts'
import type { AgentState } from '../state/state-file.ts'
import { followable } from './assigned.ts'
import { createFollower, type Follower, type FollowerOptions, type FollowerPorts } from './follower.ts'
import { pollPatroni } from './patroni-poll.ts'
import { createServerWatch } from './server-watch.ts'
import type { Hint } from './track.ts'

export interface FollowingPorts extends FollowerPorts {
  /** A controller is connected, by which nodes hear what others have found. */
  readonly hasController: () => boolean
  readonly state: () => AgentState
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
}

export interface FollowingOptions extends FollowerOptions {
  /** This node, as the inventory has it. */
  readonly node: string
  /** How often the local Patroni is asked at rest, milliseconds; 0 for never. */
  readonly patroniPollMs: number
}

export interface Following {
  /** Of the controller: somebody says so. Owners that are not followed are passed over. */
  hint(hint: LeaderHint): void
  /** Of the local Patroni's callback. @param scope - its name for the cluster */
  callback(scope: string, leads: boolean): void
  /** A new stream to the controller: it is told who leads, as soon as that is certain. */
  connected(): void
  /** For status, in the snapshot's order. */
  views(): readonly LeaderView[]
  /** Changes of leader since the agent's start, by owner. */
  changes(): ReadonlyMap<Owner, number>
  /** Until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const syncMs = 1_000

interface Running {
  readonly follower: Follower
  readonly stop: AbortController
  readonly done: Promise<unknown>
  /** What it is assigned, as far as the leader's files depend on it. */
  assigned: string
}

export function createFollowing(ports: FollowingPorts, options: FollowingOptions): Following {
  const { clock, state } = ports
  const running = new Map<Owner, Running>()
  const changes = new Map<Owner, number>()
  /** What is assigned, when it was last looked at; replaced and never changed. */
  let seen: Snapshot | undefined
  const report = (said: LeaderReport) => {
    if (said.step === 'confirmed') changes.set(said.owner, (changes.get(said.owner) ?? 0) + 1)
    ports.report(said)
  }

  const start = (owner: Owner): Running => {
    const { snapshot, followed } = state()
    const known = followed[owner]
    const leader = known?.leader ?? snapshot.assignments.find((one) => one.owner === owner)?.leader ?? ''
    const follower = createFollower({ ...ports, report }, options, owner, {
      leader,
      sinceMs: known?.sinceMs ?? 0,
    })
    const stop = new AbortController()
    const asking = { ...options, clusters: () => running.size }
    const poll = options.patroniPollMs > 0 ? pollPatroni(ports, asking, follower, stop.signal) : undefined
    const done = Promise.all([follower.run(stop.signal), poll])
    return { follower, stop, done, assigned: assignedText(snapshot, owner) }
  }
  const sync = () => {
    const { snapshot } = state()
    const wanted = new Set(followable(state(), options.policy))
    for (const [owner, { stop }] of running) {
      if (wanted.has(owner)) continue
      stop.abort()
      running.delete(owner)
    }
    for (const owner of wanted) if (!running.has(owner)) running.set(owner, start(owner))
    if (snapshot === seen) return
    seen = snapshot
    for (const one of running.values()) lookAnew(one, assignedText(snapshot, one.follower.owner))
  }
  /** Nothing may have happened to the leader, and yet other files be wanted for it. */
  const lookAnew = (one: Running, assigned: string) => {
    if (one.assigned === assigned) return
    one.assigned = assigned
    one.follower.hint({ leader: '', source: 'publish' })
  }
  const hintOwner = (owner: Owner, hint: Hint, timeline?: Timeline) =>
    running.get(owner)?.follower.hint(hint, timeline)
  return {
    hint: ({ owner, leader, timeline }) => hintOwner(owner, { leader, source: 'controller' }, timeline),
    callback(scope, leads) {
      const assignments = state().snapshot.assignments.filter((one) => localMember(one.members, options.node))
      // Patroni's scope is the cluster's name in Pigsty; a Citus group has one for all, and one member here.
      const named = assignments.filter(({ owner }) => owner === scope)
      for (const { owner, members } of named.length > 0 ? named : assignments) {
        const leader = leads ? (localMember(members, options.node)?.instance ?? '') : ''
        hintOwner(owner, { leader, source: 'callback' })
      }
    },
    connected() {
      for (const owner of running.keys()) hintOwner(owner, { leader: '', source: 'connect' })
    },
    changes: () => changes,
    views: () => viewsOf(state(), running, options.policy),
    async run(signal) {
      const watch = createServerWatch(ports, () => [...running.values()].map(({ follower }) => follower))
      const watching = watch.run(signal)
      while (!signal.aborted) {
        sync()
        await clock.sleep(untilBeat(clock, syncMs), signal)
      }
      for (const { stop } of running.values()) stop.abort()
      await Promise.all([watching, ...[...running.values()].map(({ done }) => done)])
    },
  }
}

function assignedText({ assignments }: Snapshot, owner: Owner): string {
  const found = assignments.find((one) => one.owner === owner)
  return JSON.stringify(found && [found.revision, found.follow, found.members])
}

function viewsOf(
  { snapshot, leaders }: AgentState,
  running: ReadonlyMap<Owner, Running>,
  usual: FollowPolicy,
): readonly LeaderView[] {
  return snapshot.assignments
    .filter(({ members }) => members.length > 0)
    .map((assignment): LeaderView => {
      const { owner, leader: told } = assignment
      const track = running.get(owner)?.follower.track()
      return {
        owner,
        leader: track?.leader ?? leaders[owner] ?? told,
        confirmed: track?.confirmed ?? false,
        sinceMs: track?.sinceMs ?? 0,
        running: leaders[owner] ?? told,
        timings: track?.timings ?? { confirmMs: 0, tellMs: 0, moveMs: 0 },
        source: track?.source ?? '',
        follow: policyOf(assignment, usual),
        held: track?.held,
      }
    })
}

/** The member that this node is: the inventory names a host by its address. */
function localMember(members: readonly Member[], node: string): Member | undefined {
  return members.find(({ address }) => address === node)
}
