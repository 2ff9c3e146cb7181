/**
 * Follows the leader of one cluster: looks when there is a reason, tells HAProxy at once, and puts the leader's variant
 * in place when it has been stable for a while.
 *
 * Source: docs/architecture.md, "Following a leader".
 */
import type { Logger } from '../../shared/log/logger.ts'
import { policyOf } from '../../shared/model/follow-policy.ts'
import {
  type Held,
  type LeaderReport,
  type LeaderStep,
  type Timeline,
  unknownTimeline,
} from '../../shared/model/leader.ts'
import type { FollowPolicy, Owner } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { createNap } from '../../shared/ports/nap.ts'
import type { ApplyOutcome } from '../apply/outcome.ts'
import type { Asker } from '../server-state/ask.ts'
import type { Assigned, AssignedReader } from './assigned.ts'
import { createLockFinder } from './lock-finder.ts'
import { createLooker } from './look.ts'
import type { PatroniClient } from './patroni-status.ts'
import { createAllowance } from './restraint.ts'
import type { Place, Routing } from './routing.ts'
import { type Rows, type Told, type ToTell, toSpare, toTell } from './server-rows.ts'
import {
  type Hint,
  hinted,
  inPlace,
  judged,
  nextLookMs,
  settled,
  startTrack,
  type Track,
  tellFailed,
  told,
  unknownLeader,
} from './track.ts'
import { type Verdict, verdictOf } from './verdict.ts'

export interface FollowerPorts {
  readonly clock: Clock
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly asker: Asker
  readonly patroni: PatroniClient
  readonly assigned: AssignedReader
  /** What the running worker believes; undefined when nobody answers. */
  readonly rows: () => Promise<Rows | undefined>
  readonly tell: (servers: readonly ToTell[]) => Promise<Told>
  /** Gives some servers no connections for a while, and spares others no longer. */
  readonly spare: (spared: readonly Place[], back: readonly Place[]) => Promise<void>
  /**
   * Puts a leader's variant in place when its turn has come.
   *
   * @param isWanted - asked right before; undefined comes back when it is not any more
   */
  readonly move: (
    owner: Owner,
    leader: string,
    sinceMs: number,
    isWanted: () => Promise<boolean>,
  ) => Promise<ApplyOutcome | undefined>
  readonly report: (report: LeaderReport) => void
}

export interface FollowerOptions {
  /** How long a leader has to be stable before files follow it, milliseconds. */
  readonly stableMs: number
  /** Where the assignment leaves it to the agent. */
  readonly policy: FollowPolicy
}

export interface Follower {
  readonly owner: Owner
  /** @param timeline - of the claim, when it is known; one of the past is not looked into */
  hint(hint: Hint, timeline?: Timeline): void
  /** What Patroni said of itself. */
  learn(timeline: Timeline): void
  track(): Track
  /** Looks until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** Told again without a change of leader: more often than that, HAProxy's own checks are not helped but fought. */
const assertions = { most: 5, everyMs: 10_000 }
const busyMs = 200
const retryMs = 30_000
const idleMs = 60_000
const identifyMs = 1_000
const silence: Told = { kind: 'failed', message: 'it does not answer' }

export function createFollower(
  ports: FollowerPorts,
  options: FollowerOptions,
  owner: Owner,
  start: { readonly leader: string; readonly sinceMs: number },
): Follower {
  const { clock, log } = ports
  const looker = createLooker(ports.asker, clock)
  const locks = createLockFinder(createLooker(ports.asker, clock), clock)
  const allowance = createAllowance(clock, assertions.most, assertions.everyMs)
  let track = startTrack(start.leader, start.sinceMs)
  /** The newest that was heard of: older claims are of the past. */
  let heard = unknownTimeline
  /** Of the leader that the agent goes by, once it has been asked. */
  let timeline = unknownTimeline
  const nap = createNap(clock)
  /** Somebody was told that something is going on. */
  let isSuspected = false
  /** HAProxy has not taken yet who leads; and who led before. */
  let untold: { readonly before: string } | undefined
  /** A move under way, or waiting for its turn; meanwhile the follower goes on looking. */
  let moving: Promise<void> | undefined
  /** The controller has not heard from this stream yet who leads. */
  let owesWord = false

  const report = (step: LeaderStep, before = '', note?: Held, done?: true) => {
    const { leader, timings, source, held } = track
    const isTrouble = step === 'held' || step === 'failed'
    const said = {
      owner,
      step,
      leader,
      before,
      source,
      timings,
      timeline,
      held: isTrouble ? held : note,
    }
    log.info(said, 'leader')
    ports.report({ ...said, atMs: clock.now(), ...(done ? { done } : {}) })
  }
  const hold = (code: string, message: string, step: 'held' | 'failed') => {
    track = { ...track, held: { code, message } }
    report(step)
  }
  const learn = (said: Timeline) => {
    // A PostgreSQL that starts or stops has a system and no timeline.
    if (said.system !== '' && (said.timeline !== 0 || said.system !== heard.system)) heard = said
  }
  const identify = async ({ assignment }: Assigned, leader: string) => {
    const member = assignment.members.find(({ instance }) => instance === leader)
    const status = member && (await ports.patroni.status(member, identifyMs))
    if (status === undefined || leader !== track.leader) return
    learn(status.timeline)
    timeline = status.timeline
  }
  /** @param servers - none when HAProxy knows it already; undefined when it says nothing */
  const tellNow = async (servers: readonly ToTell[] | undefined): Promise<void> => {
    if (servers?.length === 0) {
      track = told(track)
      untold = undefined
      return
    }
    const answer = servers ? await ports.tell(servers) : silence
    if (answer.kind === 'failed') {
      return hold(tellFailed, `HAProxy could not be told: ${answer.message}`, 'failed')
    }
    track = told(track)
    if (untold) {
      // With all that was in vain before it; told again later, it took no longer for that.
      const { confirmMs } = track.timings
      const tellMs = Math.max(0, Math.round(clock.monotonic() - track.fromMs) - confirmMs)
      track = { ...track, timings: { ...track.timings, tellMs } }
      report('told', untold.before)
    }
    untold = undefined
  }
  const changed = async (assigned: Assigned, verdict: Extract<Verdict, { kind: 'one' }>, before: string) => {
    timeline = unknownTimeline
    report('confirmed', before)
    isSuspected = false
    if (withhold(assigned)) {
      if (track.held) report('held')
      return
    }
    const { routing } = assigned
    const rows = await ports.rows()
    untold = { before }
    await tellNow(rows && toTell(routing, verdict, rows))
    const back = routing.places.filter(({ instance }) => instance === verdict.leader)
    await ports.spare(rows ? toSpare(routing, before, verdict.leader, rows) : [], back)
    if (track.held?.code === 'FLAPPING') report('held')
    await identify(assigned, track.leader)
  }
  /** @returns whether the policy is to tell and not to follow; the track says so as long as another's files are in place */
  const withhold = ({ assignment, running }: Assigned): boolean => {
    if (policyOf(assignment, options.policy) !== 'report') return false
    const message = 'by its policy this node tells of a new leader and does not follow it'
    const held = running === track.leader ? undefined : { code: 'POLICY_REPORT', message }
    track = { ...settled(track), held }
    return true
  }
  /** HAProxy may believe something else: it was reloaded by others, or its checks are behind. */
  const uphold = async (assigned: Assigned, verdict: Extract<Verdict, { kind: 'one' }>) => {
    if (policyOf(assigned.assignment, options.policy) !== 'on') return
    const rows = await ports.rows()
    const servers = rows && toTell(assigned.routing, verdict, rows)
    if (servers?.length === 0) track = told(track)
    const isInOrder = untold === undefined && (servers === undefined || servers.length === 0)
    if (isInOrder || !allowance.take()) return
    log.info({ owner, leader: verdict.leader, servers: servers?.map(nameOf) }, 'HAProxy told again who leads')
    await tellNow(servers)
  }
  const giveWord = ({ running }: Assigned) => {
    if (!owesWord || running !== track.leader) return
    owesWord = false
    report('moved')
  }
  const findLeader = async (routing: Routing): Promise<Verdict> => {
    const verdict = verdictOf(routing, await looker.look(routing))
    return verdict.kind === 'none' ? locks.find(routing, track.leader) : verdict
  }
  const look = async (assigned: Assigned) => {
    const verdict = await findLeader(assigned.routing)
    const { held } = track
    const nowMs = clock.monotonic()
    const found = judged(track, { verdict, nowMs, wallMs: clock.now(), stableMs: options.stableMs })
    track = found.track
    if (verdict.kind === 'one') {
      if (found.changedFrom !== undefined) return await changed(assigned, verdict, found.changedFrom)
      if (!withhold(assigned)) moveIfLeftBehind(assigned, nowMs)
      await uphold(assigned, verdict)
      giveWord(assigned)
    }
    if (track.held && track.held.code !== held?.code) report('held')
    if (found.passed && isSuspected) report('unchanged')
    if (found.passed) isSuspected = false
  }
  /** The agent was restarted, or published to, between a change and the move. */
  const moveIfLeftBehind = ({ assignment, running }: Assigned, nowMs: number) => {
    if (running === track.leader) track = inPlace(track)
    const isWanted = policyOf(assignment, options.policy) === 'on' && running !== track.leader
    if (isWanted && moving === undefined && track.moveAtMs === undefined) {
      track = { ...track, moveAtMs: nowMs + options.stableMs }
    }
  }
  const isStable = () => track.confirmed && track.watch?.nobodySinceMs === undefined
  const beginMove = ({ running }: Assigned) => {
    const { leader, sinceMs } = track
    track = running === leader ? settled(track) : { ...track, moveAtMs: undefined }
    if (running === leader) return
    moving = move(leader, sinceMs)
      .catch((err: unknown) => {
        log.warn({ owner, err }, 'the files could not be moved')
        track = { ...track, moveAtMs: clock.monotonic() + retryMs }
      })
      .finally(() => {
        moving = undefined
        nap.wake()
      })
  }
  const move = async (leader: string, sinceMs: number) => {
    const isWanted = async () => {
      const now = await ports.assigned.read(owner)
      const isFollowed = now !== undefined && policyOf(now.assignment, options.policy) === 'on'
      return isFollowed && leader === track.leader && isStable()
    }
    const outcome = await ports.move(owner, leader, sinceMs, isWanted)
    if (leader !== track.leader) return
    const nowMs = clock.monotonic()
    if (outcome === undefined) {
      track = { ...track, moveAtMs: nowMs + options.stableMs }
    } else if (outcome.kind === 'failed') {
      track = { ...track, moveAtMs: nowMs + retryMs }
      hold(
        outcome.fault.code,
        `the files of ${leader} could not be put in place: ${outcome.fault.message}`,
        'failed',
      )
    } else {
      const timings = { ...track.timings, moveMs: Math.round(nowMs - track.fromMs) }
      track = { ...settled(track), held: undefined, timings }
      owesWord = false
      report('moved', '', overwritten(outcome.overwritten), true)
    }
  }
  const step = async () => {
    const assigned = await ports.assigned.read(owner)
    if (assigned === undefined) {
      track = { ...track, watch: undefined, moveAtMs: undefined }
      return
    }
    await look(assigned)
    const isDue = track.moveAtMs !== undefined && track.moveAtMs <= clock.monotonic()
    if (isDue && isStable() && moving === undefined) beginMove(assigned)
  }
  const stir = (hint: Hint) => {
    const wasWatching = track.watch !== undefined
    track = hinted(track, hint, clock.monotonic())
    if (hint.source === 'connect') owesWord = true
    const isOwn = hint.source === 'patroni' || hint.source === 'callback' || hint.source === 'haproxy'
    if (!wasWatching && track.watch !== undefined && isOwn) {
      isSuspected = true
      reportSuspicion(hint)
    }
    nap.wake()
  }
  const reportSuspicion = ({ leader, source }: Hint) => {
    const said = {
      owner,
      step: 'suspected',
      leader,
      before: track.leader,
      source,
      timeline: unknownTimeline,
      held: undefined,
    } as const
    log.info(said, 'leader')
    ports.report({ ...said, timings: track.timings, atMs: clock.now() })
  }
  return {
    owner,
    learn,
    track: () => track,
    hint(hint, claimed = unknownTimeline) {
      const isKnown = claimed.system !== '' && claimed.timeline !== 0
      const isPast = isKnown && claimed.system === heard.system && claimed.timeline < heard.timeline
      if (isPast) return log.warn({ owner, hint, claimed, heard }, 'a claim of the past was not looked into')
      const unread = (err: unknown) => {
        log.warn({ owner, err }, 'what is assigned could not be read')
        return undefined
      }
      void ports.assigned
        .read(owner)
        .catch(unread)
        .then((assigned) => {
          const members = assigned?.assignment.members ?? []
          if (hint.leader !== '' && assigned && !members.some(({ instance }) => instance === hint.leader)) {
            track = unknownLeader(track, hint.leader, assigned.assignment.revision)
            report('held')
            return stir({ ...hint, leader: '' })
          }
          stir(hint)
        })
    },
    async run(signal) {
      stir({ leader: '', source: 'start' })
      while (!signal.aborted) {
        const dueMs = nextLookMs(track, clock.monotonic())
        const waitMs = dueMs === undefined ? idleMs : dueMs - clock.monotonic()
        if (waitMs > 0) await nap.sleep(waitMs, signal)
        else {
          await step().catch((err: unknown) => log.warn({ owner, err }, 'the leader could not be looked for'))
          // A step that fails at once must not become a loop without end.
          if (nextIsPast(track, clock)) await nap.sleep(busyMs, signal)
        }
      }
      await moving
    },
  }
}

/** Whoever edited a file of ours wants to know when the edit went. */
function overwritten(copies: ReadonlyMap<string, string> | undefined): Held | undefined {
  if (copies === undefined || copies.size === 0) return undefined
  const names = [...copies.keys()].join(', ')
  const message = `${names}, changed by others, was replaced; what they wrote is in ${[...copies.values()].join(', ')}`
  return { code: 'EDIT_REPLACED', message }
}

function nextIsPast(track: Track, clock: Clock): boolean {
  const nowMs = clock.monotonic()
  return (nextLookMs(track, nowMs) ?? Number.POSITIVE_INFINITY) <= nowMs
}

function nameOf({ section, server, health }: ToTell): string {
  return `${section.name}/${server.name} ${health}`
}
