/**
 * Between the wire's messages and our own plain values. Nothing is decided here.
 */
import { AppError } from '../errors/app-error.ts'
import type { Fault, QuarantinedOwner, Stage } from '../errors/fault.ts'
import type { Assignment, Blobs, FollowPolicy, Snapshot } from '../model/snapshot.ts'
import type { Assignment__Output, Assignment as WireAssignment } from './generated/pgsvc/v1/Assignment.ts'
import type { Fault__Output, Fault as WireFault } from './generated/pgsvc/v1/Fault.ts'
import type { Follow__Output as WireFollow } from './generated/pgsvc/v1/Follow.ts'
import type {
  QuarantinedOwner__Output,
  QuarantinedOwner as WireQuarantined,
} from './generated/pgsvc/v1/QuarantinedOwner.ts'
import type { Snapshot__Output, Snapshot as WireSnapshot } from './generated/pgsvc/v1/Snapshot.ts'
import type { Stage as WireStage } from './generated/pgsvc/v1/Stage.ts'

const stages = {
  receive: 'STAGE_RECEIVE',
  guard: 'STAGE_GUARD',
  stage: 'STAGE_STAGE',
  validate: 'STAGE_VALIDATE',
  swap: 'STAGE_SWAP',
  reload: 'STAGE_RELOAD',
  confirm: 'STAGE_CONFIRM',
} as const satisfies Record<Stage, WireStage>

const follows = {
  default: 'FOLLOW_UNSPECIFIED',
  on: 'FOLLOW_ON',
  report: 'FOLLOW_REPORT',
  off: 'FOLLOW_OFF',
} as const satisfies Record<FollowPolicy, WireFollow>

export function followToWire(follow: FollowPolicy): WireFollow {
  return follows[follow]
}

/** An unset or unknown policy reads as `default`. */
export function followFromWire(follow: WireFollow): FollowPolicy {
  return (Object.keys(follows) as FollowPolicy[]).find((name) => follows[name] === follow) ?? 'default'
}

export function stageToWire(stage: Stage): WireStage {
  return stages[stage]
}

/** An unset or unknown stage reads as `receive`. */
export function stageFromWire(stage: WireStage): Stage {
  return (Object.keys(stages) as Stage[]).find((name) => stages[name] === stage) ?? 'receive'
}

export function faultToWire(fault: Fault): WireFault {
  return {
    stage: stageToWire(fault.stage),
    code: fault.code,
    owner: fault.owner ?? '',
    file: fault.file ?? '',
    line: fault.line ?? 0,
    message: fault.message,
    haproxy: (fault.haproxy ?? '').slice(0, 4096),
  }
}

export function faultFromWire(fault: Fault__Output): Fault {
  return {
    stage: stageFromWire(fault.stage),
    code: fault.code,
    owner: fault.owner || undefined,
    file: fault.file || undefined,
    line: fault.line || undefined,
    message: fault.message,
    haproxy: fault.haproxy || undefined,
  }
}

export function quarantinedToWire(quarantined: readonly QuarantinedOwner[]): WireQuarantined[] {
  return quarantined.map(({ owner, revision, keptRevision, fault }) => ({
    owner,
    revision,
    keptRevision,
    fault: faultToWire(fault),
  }))
}

/** One without a reason is not believed. */
export function quarantinedFromWire(quarantined: readonly QuarantinedOwner__Output[]): QuarantinedOwner[] {
  return quarantined.flatMap(({ owner, revision, keptRevision, fault }) =>
    fault ? [{ owner, revision, keptRevision, fault: faultFromWire(fault) }] : [],
  )
}

/**
 * @param blobs - contents to send along; leave out those the node holds
 */
export function snapshotToWire(snapshot: Snapshot, blobs: Blobs): WireSnapshot {
  return {
    version: snapshot.version,
    assignments: snapshot.assignments.map(assignmentToWire),
    blobs: [...blobs].map(([digest, text]) => ({ digest, content: Buffer.from(text, 'utf8') })),
    keptOwners: [...(snapshot.keptOwners ?? [])],
  }
}

function assignmentToWire(assignment: Assignment): WireAssignment {
  return {
    owner: assignment.owner,
    revision: assignment.revision,
    variants: assignment.variants.map((variant) => ({ leader: variant.leader, files: [...variant.files] })),
    leader: assignment.leader,
    members: assignment.members.map((member) => ({ ...member })),
    services: assignment.services.map((service) => ({
      ...service,
      servers: [...service.servers],
      backups: [...service.backups],
    })),
    follow: followToWire(assignment.follow),
    inventoryLeader: assignment.inventoryLeader,
    outsideNodes: assignment.outsideNodes,
  }
}

/**
 * @throws AppError `VERSION_OUT_OF_RANGE` when a number cannot be held exactly
 */
export function snapshotFromWire(wire: Snapshot__Output): { snapshot: Snapshot; blobs: Blobs } {
  return {
    snapshot: {
      version: exact(wire.version),
      assignments: wire.assignments.map(assignmentFromWire),
      keptOwners: wire.keptOwners,
    },
    blobs: new Map(wire.blobs.map((blob) => [blob.digest, blob.content.toString('utf8')])),
  }
}

function assignmentFromWire(wire: Assignment__Output): Assignment {
  return {
    owner: wire.owner,
    revision: exact(wire.revision),
    variants: wire.variants.map((variant) => ({
      leader: variant.leader,
      files: variant.files.map(({ name, digest }) => ({ name, digest })),
    })),
    leader: wire.leader,
    members: wire.members.map(({ instance, address, patroniPort, patroniTls }) => ({
      instance,
      address,
      patroniPort,
      patroniTls,
    })),
    services: wire.services.map(({ name, port, check, servers, backups }) => ({
      name,
      port,
      check,
      servers,
      backups,
    })),
    follow: followFromWire(wire.follow),
    inventoryLeader: wire.inventoryLeader,
    outsideNodes: wire.outsideNodes,
  }
}

/** 64-bit numbers are read as JavaScript numbers: fine below 2^53, refused above. */
function exact(value: number): number {
  if (!Number.isSafeInteger(value))
    throw new AppError('VERSION_OUT_OF_RANGE', `not an exact number: ${value}`)
  return value
}
