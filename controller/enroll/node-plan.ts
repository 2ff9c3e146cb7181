/** What is to be done on a node, from what it has and what it should have. Pure. */
import { AppError } from '../../shared/errors/app-error.ts'
import { type ConfigDecision, decideConfig } from './agent-config.ts'
import type { NodeFacts } from './facts.ts'
import { type CertificatesKnown, whyNewCertificate } from './node-certificate.ts'
import { configPath, unitPath } from './paths.ts'
import type { Program } from './program.ts'

/** A file that is to take the place of another. */
export interface FileToPlace {
  readonly path: string
  readonly text: string
  readonly mode: '644' | '600'
}

export interface NodePlan {
  readonly facts: NodeFacts
  /** `bring`: it has to travel; `waiting`: an attempt before has brought it. */
  readonly program: 'unchanged' | 'bring' | 'waiting' | 'packaged'
  readonly config: ConfigDecision
  /** Units that differ. */
  readonly units: readonly FileToPlace[]
  /** Undefined when the certificate that is there will do. */
  readonly certificate: string | undefined
}

export interface Wanted {
  readonly node: string
  readonly controllers: readonly string[]
  readonly program: Pick<Program, 'sha256' | 'bytes'>
  readonly units: Readonly<Record<string, string>>
  readonly known: CertificatesKnown
}

/** Beside the program: state, contents of clusters, a log. */
const stateBytes = 32 << 20

/** @throws AppError `NO_SYSTEMD`, `DISK_FULL`, `NODE_IS_ANOTHER` */
export function planNode(facts: NodeFacts, wanted: Wanted): NodePlan {
  if (!facts.hasSystemd) {
    throw new AppError('NO_SYSTEMD', `${wanted.node} does not run systemd`, {
      hint: 'an agent is a unit of systemd; without one use pgsql-svc --ssh, or start "pgsvc agent" by means of your own',
    })
  }
  const program = programOf(facts, wanted)
  const programNeeds = program === 'bring' ? wanted.program.bytes : 0
  checkRoom(wanted.node, '/opt', facts.programRoom, programNeeds)
  checkRoom(wanted.node, '/var/lib', facts.stateRoom, stateBytes)
  const units = Object.entries(wanted.units).flatMap(([name, text]): FileToPlace[] => {
    const path = unitPath(name)
    return facts.package !== '' || facts.files.get(path) === text ? [] : [{ path, text, mode: '644' }]
  })
  const { files, hasKey, places } = facts
  return {
    facts,
    program,
    config: decideConfig(files.get(configPath), wanted.node, wanted.controllers),
    units,
    certificate: whyNewCertificate(
      { cert: files.get(places.cert), ca: files.get(places.ca), hasKey },
      wanted.known,
    ),
  }
}

function programOf({ program, nextProgram, package: owner }: NodeFacts, wanted: Wanted): NodePlan['program'] {
  if (program === wanted.program.sha256) return 'unchanged'
  // What a package has put there, a package has to upgrade.
  if (owner !== '') return 'packaged'
  return nextProgram === wanted.program.sha256 ? 'waiting' : 'bring'
}

/** @throws AppError `DISK_FULL` */
export function checkRoom(node: string, where: string, room: number, needed: number): void {
  if (room >= needed) return
  const mb = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`
  throw new AppError('DISK_FULL', `${node} has ${mb(room)} left at ${where}, and ${mb(needed)} are needed`, {
    hint: 'make room; nothing was changed',
  })
}

/** True when there is nothing to be put in place, and nothing of a switch that was cut off. */
export function isComplete({ program, config, units, certificate, facts }: NodePlan): boolean {
  const isProgramDone = program === 'unchanged' || program === 'packaged'
  const isPlaced = isProgramDone && config.kind !== 'write' && units.length === 0 && certificate === undefined
  return isPlaced && !facts.hasPrevious
}
