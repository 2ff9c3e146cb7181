/**
 * What an agent believes of one cluster's leader, and when it looks again. Pure: time comes in as numbers, `nowMs` of a
 * clock that never goes back.
 *
 * A hint only makes it look. A look is judged by the services' own checks; only a verdict changes the leader.
 */
import { type FollowTimings, type Held, noTimings } from '../../shared/model/leader.ts'
import type { Verdict } from './verdict.ts'

export interface Hint {
  /** Instance that is said to lead; '' when something may be changing. */
  readonly leader: string
  readonly source: HintSource
}

export type HintSource = 'patroni' | 'callback' | 'haproxy' | 'controller' | 'start' | 'connect' | 'publish'

/** The agent is looking, because something may be changing. */
interface Watch {
  readonly source: HintSource
  /** The hint that counts: the first, or the first to name who leads now. */
  readonly fromMs: number
  /** Who was said to lead; '' for nobody. */
  readonly named: string
  /** Not before then is it over. */
  readonly untilMs: number
  /** Somebody was named: until then it looks very often. */
  readonly fastUntilMs: number
  readonly lastLookMs: number
  /** Since when nobody has passed; undefined while somebody does. */
  readonly nobodySinceMs: number | undefined
  /** The last hint. */
  readonly stirredMs: number
}

export interface Track {
  /** The leader that the agent goes by; '' when it knows none. */
  readonly leader: string
  /** A look has confirmed it. */
  readonly confirmed: boolean
  /** By which of the services' checks, as in the verdict; empty before the first look. */
  readonly inGroup: readonly boolean[]
  /** Milliseconds since 1970; 0 when it has always been so. */
  readonly sinceMs: number
  /** Of the last change: what made the agent look, since when the leader could have been found, and how long it took. */
  readonly source: string
  readonly fromMs: number
  readonly timings: FollowTimings
  readonly watch: Watch | undefined
  /** When the leader changed, the newest last; only those that count for damping. */
  readonly changesMs: readonly number[]
  /** When the leader's variant is to be put in place; undefined when it is, or nobody wants it. */
  readonly moveAtMs: number | undefined
  readonly held: Held | undefined
}

/** What came of a look. */
export interface Judged {
  readonly track: Track
  /** The leader before, when it has changed. */
  readonly changedFrom: string | undefined
  /** Nothing has come of what was suspected, and it is over. */
  readonly passed: boolean
}

export const pace = {
  /** While somebody is named as the new leader, milliseconds between looks. */
  fastMs: 50,
  /** Right after something was suspected. */
  usualMs: 200,
  /** When nobody has led for a while: members are not to be worn down by those who wait for them. */
  slowMs: 1_000,
  fastForMs: 2_000,
  usualForMs: 5_000,
  /** A cluster that has been down for longer needs no haste of others. */
  busyForMs: 60_000,
  /** How long a suspicion lasts when the leader goes on answering. */
  suspectForMs: 3_000,
  /** Longer when somebody is named: Patroni may be about to do as was said. */
  namedForMs: 10_000,
  /** After so long without a leader there is no haste any more. */
  giveUpMs: 600_000,
  /** How often it looks then. Not never: nobody might hint at a leader that is the one of before. */
  restMs: 60_000,
  nobodyForMs: 10_000,
  /** Changes within this time count as flapping. */
  flapWindowMs: 600_000,
  /** The longest that files wait for a leader to be stable. */
  longestMoveMs: 300_000,
} as const

/** @param leader - whom the agent was told with its assignment, or followed before it was restarted */
export function startTrack(leader: string, sinceMs: number): Track {
  return {
    leader,
    confirmed: false,
    inGroup: [],
    sinceMs,
    source: '',
    fromMs: 0,
    timings: noTimings,
    watch: undefined,
    changesMs: [],
    moveAtMs: undefined,
    held: undefined,
  }
}

export function hinted(track: Track, { leader, source }: Hint, nowMs: number): Track {
  const isNamed = leader !== '' && leader !== track.leader
  const isKnown = leader !== '' && leader === track.leader && track.confirmed
  if (isKnown && track.watch === undefined) return track
  const forMs = isNamed ? pace.namedForMs : isOnce(source) ? 0 : pace.suspectForMs
  const before = track.watch ?? {
    ...{ source, fromMs: nowMs, named: '' },
    untilMs: nowMs,
    fastUntilMs: nowMs,
    lastLookMs: Number.NEGATIVE_INFINITY,
    nobodySinceMs: undefined,
    stirredMs: nowMs,
  }
  const isBetter = (isNamed && before.named !== leader) || isOnce(before.source)
  const why = isBetter ? { source, fromMs: nowMs, named: isNamed ? leader : '' } : undefined
  const untilMs = Math.max(before.untilMs, nowMs + forMs)
  const fastUntilMs = isNamed ? Math.max(before.fastUntilMs, nowMs + pace.fastForMs) : before.fastUntilMs
  return { ...track, watch: { ...before, ...why, untilMs, fastUntilMs, stirredMs: nowMs } }
}

/** Nothing is suspected: one good look is enough. */
function isOnce(source: HintSource): boolean {
  return source === 'start' || source === 'connect' || source === 'publish'
}

/** @returns when the next look is due; undefined when none is */
export function nextLookMs({ watch, moveAtMs }: Track, nowMs: number): number | undefined {
  if (watch === undefined) return moveAtMs
  const due = watch.lastLookMs + intervalMs(watch, nowMs)
  return moveAtMs === undefined ? due : Math.min(due, moveAtMs)
}

function intervalMs({ fastUntilMs, nobodySinceMs, stirredMs }: Watch, nowMs: number): number {
  if (nowMs < fastUntilMs) return pace.fastMs
  const forMs = nobodySinceMs === undefined ? 0 : nowMs - Math.max(nobodySinceMs, stirredMs)
  if (forMs >= pace.giveUpMs) return pace.restMs
  return forMs > pace.usualForMs ? pace.slowMs : pace.usualMs
}

/** Something may be changing just now: whoever may know of it is asked more often. */
export function isBusy({ watch }: Track, nowMs: number): boolean {
  return watch !== undefined && nowMs - (watch.nobodySinceMs ?? nowMs) <= pace.busyForMs
}

export interface JudgeInput {
  readonly verdict: Verdict
  readonly nowMs: number
  /** Milliseconds since 1970. */
  readonly wallMs: number
  /** How long a leader has to be stable before files follow it. */
  readonly stableMs: number
}

export function judged(track: Track, input: JudgeInput): Judged {
  const { verdict, nowMs } = input
  const looked = track.watch && { ...track.watch, lastLookMs: nowMs }
  if (verdict.kind === 'one') {
    const isSame = verdict.leader === track.leader
    return isSame
      ? sameLeader({ ...track, inGroup: verdict.inGroup, watch: looked }, nowMs)
      : newLeader(track, verdict, input)
  }
  // Whatever is going on, it is not over: a move that was due waits for the next leader.
  const moveAtMs = track.moveAtMs && Math.max(track.moveAtMs, nowMs + input.stableMs)
  const unclear = { ...track, moveAtMs, watch: looked ?? hinted(track, noHint, nowMs).watch }
  const next = verdict.kind === 'many' ? manyLeaders(unclear, verdict.leaders, nowMs) : nobody(unclear, nowMs)
  return { track: next, changedFrom: undefined, passed: false }
}

const noHint: Hint = { leader: '', source: 'start' }

/** What says that nobody knows who leads, or that it is not wanted: over with a look that finds one leader. */
const endedByLook: ReadonlySet<string> = new Set([
  'TWO_LEADERS',
  'NO_LEADER',
  'LEADER_UNKNOWN',
  'POLICY_REPORT',
])

/** HAProxy could not be told: over when it has been. */
export const tellFailed = 'TELL_FAILED'

function sameLeader(track: Track, nowMs: number): Judged {
  const { watch } = track
  const isOver = watch !== undefined && nowMs >= watch.untilMs
  const held = track.held && endedByLook.has(track.held.code) ? undefined : track.held
  return {
    track: {
      ...track,
      confirmed: true,
      held,
      watch: isOver ? undefined : watch && { ...watch, nobodySinceMs: undefined },
    },
    changedFrom: undefined,
    passed: isOver,
  }
}

function newLeader(
  track: Track,
  { leader, inGroup }: Extract<Verdict, { kind: 'one' }>,
  { nowMs, wallMs, stableMs }: JudgeInput,
): Judged {
  // The look before has not found it: what came before that is Patroni's time, not ours.
  const fromMs = track.watch ? Math.max(track.watch.fromMs, track.watch.lastLookMs) : nowMs
  const recent = track.changesMs.filter((at) => nowMs - at < pace.flapWindowMs)
  const changesMs = [...recent, nowMs].slice(-16)
  const waitMs = moveDelayMs(changesMs.length, stableMs)
  const watch: Watch = {
    source: track.watch?.source ?? 'start',
    fromMs: nowMs,
    named: '',
    // HAProxy may be reloaded just now with what was true before: it goes on looking.
    untilMs: nowMs + pace.suspectForMs,
    fastUntilMs: nowMs,
    lastLookMs: nowMs,
    nobodySinceMs: undefined,
    stirredMs: nowMs,
  }
  const changed: Track = {
    leader,
    confirmed: true,
    inGroup,
    sinceMs: wallMs,
    source: watch.source,
    fromMs,
    timings: { ...noTimings, confirmMs: Math.round(nowMs - fromMs) },
    watch,
    changesMs,
    moveAtMs: nowMs + waitMs,
    held: waitMs > stableMs ? flapping(changesMs.length, waitMs) : undefined,
  }
  return { track: changed, changedFrom: track.leader, passed: false }
}

/** Two changes are a switchover and the way back; from the third on each waits twice as long. */
export function moveDelayMs(changes: number, stableMs: number): number {
  return Math.min(stableMs * 2 ** Math.max(0, changes - 2), Math.max(stableMs, pace.longestMoveMs))
}

function flapping(changes: number, waitMs: number): Held {
  const minutes = pace.flapWindowMs / 60_000
  return {
    code: 'FLAPPING',
    message: `the leader has changed ${changes} times within ${minutes} minutes; files follow it in ${Math.round(waitMs / 1000)} s`,
  }
}

function manyLeaders(track: Track, leaders: readonly string[], nowMs: number): Track {
  const message = `${leaders.join(' and ')} pass the check of the primary at the same time; nothing is changed`
  const watch = track.watch && {
    ...track.watch,
    untilMs: Math.max(track.watch.untilMs, nowMs + pace.suspectForMs),
  }
  return { ...track, watch, held: { code: 'TWO_LEADERS', message } }
}

function nobody(track: Track, nowMs: number): Track {
  const nobodySinceMs = track.watch?.nobodySinceMs ?? nowMs
  const forMs = nowMs - nobodySinceMs
  const isAlarming = forMs >= pace.nobodyForMs
  const message = `no member passes the check of the primary for ${Math.round(forMs / 1000)} s; nothing is changed`
  const held =
    isAlarming && track.held?.code !== 'LEADER_UNKNOWN' ? { code: 'NO_LEADER', message } : track.held
  const watch = track.watch && { ...track.watch, nobodySinceMs, untilMs: nowMs + pace.suspectForMs }
  return { ...track, confirmed: isAlarming ? false : track.confirmed, watch, held }
}

/** Somebody leads who is no member of the assigned revision: nothing can be done but to say so. */
export function unknownLeader(track: Track, leader: string, revision: number): Track {
  const message = `${leader} is said to lead, and revision ${revision}, which this node is assigned, does not know it; publish the cluster again`
  return { ...track, held: { code: 'LEADER_UNKNOWN', message } }
}

/** The leader's variant is in place: that it could not be put there is over. */
export function inPlace(track: Track): Track {
  const { held } = track
  const isOfMove = held && !endedByLook.has(held.code) && held.code !== tellFailed && held.code !== 'FLAPPING'
  return isOfMove ? { ...track, held: undefined } : track
}

/** HAProxy has been told. */
export function told(track: Track): Track {
  return track.held?.code === tellFailed ? { ...track, held: undefined } : track
}

/** The leader's variant is in place, or nobody wants it to be. */
export function settled(track: Track): Track {
  const { held } = inPlace(track)
  return { ...track, moveAtMs: undefined, held: held?.code === 'FLAPPING' ? undefined : held }
}
