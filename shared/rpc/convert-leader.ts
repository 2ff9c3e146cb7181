/** Between the wire's messages about leaders and our own plain values. Nothing is decided here. */
import {
  type FollowTimings,
  type Held,
  type LeaderHint,
  type LeaderReport,
  type LeaderStep,
  type LeaderView,
  noTimings,
  type Timeline,
  unknownTimeline,
} from '../model/leader.ts'
import { followFromWire, followToWire } from './convert.ts'
import type { FollowTimings__Output } from './generated/pgsvc/v1/FollowTimings.ts'
import type { LeaderHint__Output, LeaderHint as WireHint } from './generated/pgsvc/v1/LeaderHint.ts'
import type { LeaderReport__Output, LeaderReport as WireReport } from './generated/pgsvc/v1/LeaderReport.ts'
import type { LeaderStep__Output, LeaderStep as WireStep } from './generated/pgsvc/v1/LeaderStep.ts'
import type { LeaderView__Output, LeaderView as WireView } from './generated/pgsvc/v1/LeaderView.ts'
import type { Timeline__Output } from './generated/pgsvc/v1/Timeline.ts'

const steps = {
  suspected: 'LEADER_STEP_SUSPECTED',
  confirmed: 'LEADER_STEP_CONFIRMED',
  told: 'LEADER_STEP_TOLD',
  moved: 'LEADER_STEP_MOVED',
  unchanged: 'LEADER_STEP_UNCHANGED',
  held: 'LEADER_STEP_HELD',
  failed: 'LEADER_STEP_FAILED',
} as const satisfies Record<LeaderStep, WireStep>

export function leaderHintToWire({ timeline, ...hint }: LeaderHint): WireHint {
  return { ...hint, timeline: { ...timeline } }
}

export function leaderHintFromWire({ owner, leader, source, timeline }: LeaderHint__Output): LeaderHint {
  return { owner, leader, source, timeline: timelineFrom(timeline) }
}

export function leaderReportToWire(report: LeaderReport): WireReport {
  const { owner, leader, before, atMs, source, held } = report
  return {
    ...{ owner, leader, before, atMs, source },
    late: report.late ?? false,
    done: report.done ?? false,
    step: steps[report.step],
    timings: { ...report.timings },
    timeline: { ...report.timeline },
    ...heldToWire(held),
  }
}

/** @returns undefined for a step that this program does not know */
export function leaderReportFromWire(wire: LeaderReport__Output): LeaderReport | undefined {
  const step = stepFrom(wire.step)
  if (step === undefined) return undefined
  const { owner, leader, before, atMs, source, late, done } = wire
  const [timings, timeline] = [timingsFrom(wire.timings), timelineFrom(wire.timeline)]
  const said = { owner, step, leader, before, atMs, source, timings, timeline, held: heldFrom(wire) }
  return { ...said, ...(late ? { late } : {}), ...(done ? { done } : {}) }
}

export function leaderViewToWire(view: LeaderView): WireView {
  const { owner, leader, confirmed, sinceMs, running, source, held } = view
  return {
    ...{ owner, leader, confirmed, sinceMs, running, source },
    timings: { ...view.timings },
    follow: followToWire(view.follow),
    ...heldToWire(held),
  }
}

export function leaderViewFromWire(wire: LeaderView__Output): LeaderView {
  const { owner, leader, confirmed, sinceMs, running, source } = wire
  const [timings, follow] = [timingsFrom(wire.timings), followFromWire(wire.follow)]
  return { owner, leader, confirmed, sinceMs, running, source, timings, follow, held: heldFrom(wire) }
}

function stepFrom(wire: LeaderStep__Output): LeaderStep | undefined {
  return (Object.keys(steps) as LeaderStep[]).find((name) => steps[name] === wire)
}

function heldToWire(held: Held | undefined): { code: string; message: string } {
  return { code: held?.code ?? '', message: held?.message ?? '' }
}

function heldFrom({ code, message }: { code: string; message: string }): Held | undefined {
  return code === '' ? undefined : { code, message }
}

function timingsFrom(wire: FollowTimings__Output | null): FollowTimings {
  if (wire === null) return noTimings
  const { confirmMs, tellMs, moveMs } = wire
  return { confirmMs, tellMs, moveMs }
}

function timelineFrom(wire: Timeline__Output | null): Timeline {
  return wire === null ? unknownTimeline : { system: wire.system, timeline: wire.timeline }
}
