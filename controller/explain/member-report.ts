/** Why a member is a server of a service, a backup, or neither; and on which port, with which check and weight. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { ServerText } from '../model/member.ts'
import { serverText } from '../model/member.ts'
import type { Service } from '../model/service.ts'
import type { Lineup, LineupMember } from '../plan/lineup.ts'
import { destinationPort, checkPort as healthPort } from '../render/service-listen.ts'
import { SelectorFault } from '../select/fault.ts'
import { type StepTrace, traceSelector } from '../select/trace.ts'
import type { Read, Reading } from './reading.ts'
import { valueText } from './value-text.ts'

export type MemberState = 'server' | 'backup' | 'out'

/** A clause that decided, with what it read. */
export interface ReasonClause {
  readonly text: string
  readonly holds: boolean
  readonly readings: readonly Reading[]
}

export interface Reason {
  /** Step of the selector, as it was written. */
  readonly step: string
  readonly kept: boolean
  readonly clauses: readonly ReasonClause[]
}

/** A part of the server's line. */
export interface Derived {
  readonly what: 'port' | 'check port' | 'weight'
  readonly value: string
  /** Variable of the member that gives it; undefined where the definition says the number itself. */
  readonly reading: Reading | undefined
}

export interface MemberReport {
  readonly instance: string
  readonly host: string
  readonly role: string
  readonly state: MemberState
  /** What the selector did with it, step by step. */
  readonly selector: readonly Reason[]
  /** What the selector for backups did with it; undefined when the service has none. */
  readonly backup: readonly Reason[] | undefined
  /** Undefined for a member that is out. */
  readonly server: readonly Derived[] | undefined
}

export interface Choice {
  readonly service: Service
  readonly lineup: Lineup
}

/**
 * Whether each member is a server.
 *
 * @throws AppError `SELECTOR_*`
 */
export function statesOf({ service, lineup }: Choice): ReadonlyMap<LineupMember, MemberState> {
  const chosen = new Map(lineup.chosen(service).map(({ member, backup }) => [member, backup]))
  return new Map(
    lineup.members.map((member) => {
      const backup = chosen.get(member)
      return [member, backup === undefined ? 'out' : backup ? 'backup' : 'server']
    }),
  )
}

/**
 * The members in inventory order.
 *
 * @param read - how each member's variables are read
 * @throws AppError `SELECTOR_*`, or as the plan for a port or weight that is refused
 */
export function memberReports(choice: Choice, read: (member: LineupMember) => Read): MemberReport[] {
  const { service, lineup } = choice
  const states = statesOf(choice)
  const rows = lineup.members.map(({ row }) => row)
  const selector = traced(service.selector, rows)
  const backup = service.backup === undefined ? undefined : traced(service.backup, rows)
  return lineup.members.map((member) => {
    const reader = read(member)
    const state = states.get(member) ?? 'out'
    const text = serverText(member.view, 'checked')
    const role = reader('pg_role').value
    return {
      instance: text.instance,
      host: member.host.name,
      role: role === undefined ? '' : valueText(role),
      state,
      selector: reasons(selector.get(member.row), reader),
      backup: backup === undefined ? undefined : reasons(backup.get(member.row), reader),
      server: state === 'out' ? undefined : derivedOf(service, text, reader),
    }
  })
}

function traced(expression: string, rows: Parameters<typeof traceSelector>[1]) {
  try {
    return traceSelector(expression, rows, { textKeys: true })
  } catch (error) {
    if (error instanceof SelectorFault)
      throw new AppError('SELECTOR_FAILED', `selector ${expression}: ${error.message}`)
    throw error
  }
}

function reasons(steps: readonly StepTrace[] = [], read: Read): Reason[] {
  return steps.map(({ text, kept, clauses }) => ({
    step: text,
    kept,
    clauses: clauses.map((clause) => ({
      text: clause.text,
      holds: clause.holds,
      readings: clause.variables.map(read),
    })),
  }))
}

function derivedOf(service: Service, text: ServerText, read: Read): Derived[] {
  const { destination, checkPort } = service
  return [
    {
      what: 'port',
      value: destinationPort(destination, text),
      reading: readingOf(
        read,
        { postgres: 'pg_port', pgbouncer: 'pgbouncer_port', port: undefined }[destination.kind],
      ),
    },
    {
      what: 'check port',
      value: healthPort(checkPort, text),
      reading: readingOf(
        read,
        { patroni: 'patroni_port', pg_exporter: 'pg_exporter_port', port: undefined }[checkPort.kind],
      ),
    },
    { what: 'weight', value: text.weight, reading: read('pg_weight') },
  ]
}

function readingOf(read: Read, name: string | undefined): Reading | undefined {
  return name === undefined ? undefined : read(name)
}
