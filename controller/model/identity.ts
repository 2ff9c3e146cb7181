/**
 * Who is who in a cluster. Source: the checks that Pigsty 4.5 makes before it touches a cluster.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Opaque } from '../values/value.ts'
import { show } from './fields.ts'

const roles = ['primary', 'replica', 'standby', 'offline', 'delayed']

/** Everything wrong with a cluster's identity; empty for a sound one. */
export function identityFaults(cluster: string, members: readonly HostView[]): AppError[] {
  return [...nameFaults(cluster, members), ...sequenceFaults(members), ...roleFaults(cluster, members)]
}

/** A pg_cluster that is no text: nothing of Pigsty's that looks for the members finds this one. */
export function nameTypeFault(member: HostView): AppError | undefined {
  const name = member.get('pg_cluster') ?? null
  if (name === null || typeof name === 'string' || name instanceof Opaque) return undefined
  const message = `pg_cluster ${show(name)} is no text, and Pigsty finds no members for it`
  return fault(member, 'pg_cluster', message, `put it into quotes: pg_cluster: "${pyText(name)}"`)
}

function nameFaults(cluster: string, members: readonly HostView[]): AppError[] {
  const typeFaults = members.map(nameTypeFault).filter((found) => found !== undefined)
  if (typeFaults.length > 0) return typeFaults
  if (/^[A-Za-z0-9-]+$/.test(cluster) && cluster !== 'root') return []
  const [first] = members
  return [
    new AppError('IDENTITY_INVALID', `pg_cluster ${show(cluster)} is not a name for a cluster`, {
      at: locate(first?.spot('pg_cluster')),
      hint: 'use letters, digits and -, and not root',
    }),
  ]
}

function sequenceFaults(members: readonly HostView[]): AppError[] {
  const faults: AppError[] = []
  const taken = new Map<bigint, string>()
  for (const member of members) {
    const text = pyText(member.get('pg_seq') ?? null)
    if (!/^\d+$/.test(text)) {
      faults.push(
        fault(member, 'pg_seq', `pg_seq must be a number, not ${show(text)}`, 'write digits, e.g. pg_seq: 1'),
      )
      continue
    }
    const other = taken.get(BigInt(text))
    if (other !== undefined)
      faults.push(
        fault(
          member,
          'pg_seq',
          `pg_seq ${text} is taken by host ${other}`,
          'give each member a number of its own',
        ),
      )
    else taken.set(BigInt(text), member.name)
  }
  return faults
}

function roleFaults(cluster: string, members: readonly HostView[]): AppError[] {
  const faults = members
    .filter((member) => !roles.includes(roleOf(member)))
    .map((member) =>
      fault(
        member,
        'pg_role',
        `pg_role must be one of ${roles.join(', ')}, not ${show(roleOf(member))}`,
        'write pg_role: replica if it is an ordinary member',
      ),
    )
  const primaries = members.filter((member) => roleOf(member) === 'primary')
  if (primaries.length === 1) return faults
  const names = primaries.map((member) => member.name).join(', ')
  const message =
    primaries.length === 0
      ? `cluster ${cluster} has no primary`
      : `cluster ${cluster} has several primaries: ${names}`
  const culprit = primaries[1] ?? members[0]
  const at = locate(culprit?.spot('pg_role') ?? culprit?.place)
  return [
    ...faults,
    new AppError('IDENTITY_INVALID', message, { at, hint: 'set pg_role: primary on exactly one member' }),
  ]
}

/** pg_role as text; '' when there is none. */
export function roleOf(member: HostView): string {
  return pyText(member.get('pg_role') ?? null)
}

function fault(member: HostView, name: string, message: string, hint: string): AppError {
  return new AppError('IDENTITY_INVALID', `host ${member.name}: ${message}`, {
    at: locate(member.spot(name) ?? member.place),
    hint,
  })
}
