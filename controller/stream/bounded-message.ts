/**
 * What of an agent's message is believed to be meant: lists that are longer than a node can need refuse it, texts and what
 * is only told to people are cut. Everything behind this edge is held in memory, in the database or in a status that everybody reads. Pure.
 */
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { AppliedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/AppliedOwner.ts'
import type { Fault__Output } from '../../shared/rpc/generated/pgsvc/v1/Fault.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { LeaderReport__Output } from '../../shared/rpc/generated/pgsvc/v1/LeaderReport.ts'
import type { LeaderView__Output } from '../../shared/rpc/generated/pgsvc/v1/LeaderView.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { Observation__Output } from '../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import type { QuarantinedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/QuarantinedOwner.ts'
import type { Standing__Output } from '../../shared/rpc/generated/pgsvc/v1/Standing.ts'
import { toldReasons } from '../../shared/rpc/told-reasons.ts'
import { maxFiles, maxOwners } from './frame-bounds.ts'

/** Each file may come in some variants. */
const maxDigests = 50_000
const maxVersionLength = 100
/** Names of files are as long at most (NAME_MAX of Linux). */
const maxNameLength = 255
const maxTextLength = 1_000
/** HAProxy's own words, as agents cut them (shared/rpc/convert.ts). */
const maxWordsLength = 4_096
/** One file's diff, as agents cut it (agent/observe/file-diff.ts), and all of a node. */
const maxDiffLength = 8 << 10
const maxDiffsLength = 1 << 20

export type Bounded = { readonly message: AgentMessage__Output } | { readonly excess: string }

export function boundedMessage(message: AgentMessage__Output): Bounded {
  const { hello, ack, nack, observation, leaderReport } = message
  const excess =
    (hello && helloExcess(hello)) ??
    (ack && ackExcess(ack)) ??
    (nack && tooMany({ applied: nack.applied, faults: nack.faults })) ??
    (observation && observationExcess(observation))
  if (excess) return { excess }
  return {
    message: {
      ...message,
      ...(hello ? { hello: boundedHello(hello) } : {}),
      ...(ack ? { ack: boundedAck(ack) } : {}),
      ...(nack ? { nack: boundedNack(nack) } : {}),
      ...(observation ? { observation: boundedObservation(observation) } : {}),
      ...(leaderReport ? { leaderReport: boundedReport(leaderReport) } : {}),
    },
  }
}

/** What they hold does not matter, only how much of it. */
type Lists = Readonly<Record<string, readonly unknown[]>>

function tooMany(lists: Lists, most = maxOwners): string | undefined {
  const found = Object.entries(lists).find(([, list]) => list.length > most)
  return found && `${found[0]} has ${found[1].length} entries, and ${most} are the most`
}

function helloExcess({ applied, heldDigests, ...hello }: Hello__Output): string | undefined {
  const { agentVersion, haproxyVersion, bootId, layout } = hello
  const short = { agentVersion, haproxyVersion, bootId, layout }
  const long = Object.entries(short).find(([, text]) => text.length > maxVersionLength)
  if (long) return `${long[0]} has ${long[1].length} characters, and ${maxVersionLength} are the most`
  const isDigest = (text: string) => text.length <= maxVersionLength
  if (!heldDigests.every(isDigest)) return `heldDigests has one that is longer than a digest`
  return tooMany({ applied }) ?? tooMany({ heldDigests }, maxDigests)
}

function ackExcess({ liveFiles, replacedEdits, applied, quarantined }: Ack__Output): string | undefined {
  return tooMany({ liveFiles, replacedEdits }, maxFiles) ?? tooMany({ applied, quarantined })
}

function observationExcess({
  lastRepair,
  standing,
  drift,
  ...seen
}: Observation__Output): string | undefined {
  const { servicesDown, oldWorkers, leaders } = seen
  const files: Lists = {
    drift,
    'lastRepair.restored': lastRepair?.restored ?? [],
    'lastRepair.repaired': lastRepair?.repaired ?? [],
    'lastRepair.othersVanished': lastRepair?.othersVanished ?? [],
  }
  const others: Lists = {
    ...{ servicesDown, oldWorkers, leaders },
    'certificate.authorities': seen.certificate?.authorities ?? [],
    'standing.applied': standing?.applied ?? [],
    'standing.quarantined': standing?.quarantined ?? [],
  }
  return tooMany(files, maxFiles) ?? tooMany(others)
}

function boundedHello(hello: Hello__Output): Hello__Output {
  const { lastFailed, applied } = hello
  return {
    ...hello,
    applied: applied.map(boundedApplied),
    lastFailed: lastFailed && boundedFault(lastFailed),
  }
}

function boundedAck(ack: Ack__Output): Ack__Output {
  return {
    ...ack,
    reasons: boundedReasons(ack.reasons),
    liveFiles: ack.liveFiles.map((file) => ({ ...file, name: name(file.name) })),
    applied: ack.applied.map(boundedApplied),
    quarantined: ack.quarantined.map(boundedQuarantined),
    replacedEdits: ack.replacedEdits.map((edit) => ({ name: name(edit.name), copy: text(edit.copy) })),
  }
}

function boundedNack({ fault, applied, faults, ...nack }: Nack__Output): Nack__Output {
  return {
    ...nack,
    fault: fault && boundedFault(fault),
    applied: applied.map(boundedApplied),
    faults: faults.map(boundedFault),
  }
}

function boundedObservation(observation: Observation__Output): Observation__Output {
  const { servicesDown, lastReload, lastRepair, leaders, standing, certificate } = observation
  return {
    ...observation,
    servicesDown: servicesDown.map(name),
    drift: boundedDrift(observation.drift),
    lastReload: lastReload && { ...lastReload, reasons: boundedReasons(lastReload.reasons) },
    lastRepair: lastRepair && {
      ...lastRepair,
      restored: lastRepair.restored.map(name),
      repaired: lastRepair.repaired.map(name),
      othersVanished: lastRepair.othersVanished.map(text),
      fault: lastRepair.fault && boundedFault(lastRepair.fault),
    },
    leaders: leaders.map(boundedView),
    standing: standing && boundedStanding(standing),
    certificate: certificate && {
      ...certificate,
      serial: name(certificate.serial),
      problem: text(certificate.problem),
      authorities: certificate.authorities.map(name),
    },
  }
}

/** Beyond what all diffs of a node may take, files are named and not shown. */
function boundedDrift(drift: Observation__Output['drift']): Observation__Output['drift'] {
  let left = maxDiffsLength
  return drift.map((file) => {
    const diff = cut(file.diff, maxDiffLength)
    left -= diff.length
    return {
      name: name(file.name),
      kind: name(file.kind),
      owner: name(file.owner),
      action: name(file.action),
      diff: left >= 0 ? diff : '',
    }
  })
}

function boundedStanding({ applied, quarantined, ...standing }: Standing__Output): Standing__Output {
  return {
    ...standing,
    applied: applied.map(boundedApplied),
    quarantined: quarantined.map(boundedQuarantined),
  }
}

function boundedApplied({ owner, revision, leader }: AppliedOwner__Output): AppliedOwner__Output {
  return { owner: name(owner), revision, leader: name(leader) }
}

function boundedQuarantined(one: QuarantinedOwner__Output): QuarantinedOwner__Output {
  return { ...one, owner: name(one.owner), fault: one.fault && boundedFault(one.fault) }
}

function boundedFault(fault: Fault__Output): Fault__Output {
  return {
    ...fault,
    code: cut(fault.code, maxVersionLength),
    owner: name(fault.owner),
    file: name(fault.file),
    message: text(fault.message),
    haproxy: cut(fault.haproxy, maxWordsLength),
  }
}

function boundedView(view: LeaderView__Output): LeaderView__Output {
  const { owner, leader, running, source } = view
  const names = { owner: name(owner), leader: name(leader), running: name(running), source: name(source) }
  return { ...view, ...names, code: cut(view.code, maxVersionLength), message: text(view.message) }
}

function boundedReport(report: LeaderReport__Output): LeaderReport__Output {
  const { owner, leader, before, source, timeline } = report
  return {
    ...report,
    owner: name(owner),
    leader: name(leader),
    before: name(before),
    source: name(source),
    timeline: timeline && { ...timeline, system: name(timeline.system) },
    code: cut(report.code, maxVersionLength),
    message: text(report.message),
  }
}

/** Agents cut them too, but those of an earlier version do not. */
const boundedReasons = (reasons: readonly string[]) => toldReasons(reasons).map(text)
const name = (value: string) => cut(value, maxNameLength)
const text = (value: string) => cut(value, maxTextLength)

function cut(value: string, length: number): string {
  return value.length > length ? `${value.slice(0, length - 1)}…` : value
}
