/**
 * What agents do when a cluster's leader changes, as the inventory says it: `pgsvc_follow`.
 *
 * It is a matter of the whole cluster: nodes that go different ways would serve different roles.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { FollowPolicy } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import { locate } from '../values/spot.ts'
import type { Value } from '../values/value.ts'
import { asAppError } from './fault.ts'
import { show } from './fields.ts'

/** What an inventory can say; what it leaves out is left to each agent. */
export type WrittenFollow = Exclude<FollowPolicy, 'default'>

export const followVariable = 'pgsvc_follow'

export interface ClusterFollow {
  readonly follow: WrittenFollow | undefined
  /** `FOLLOW_INVALID`, `FOLLOW_DIFFERS`, and what keeps the variable from being read. */
  readonly faults: readonly AppError[]
}

/** @param members - all of a cluster, in inventory order */
export function clusterFollow(members: readonly HostView[]): ClusterFollow {
  const read = members.map(readFollow)
  const faults = read.flatMap(({ fault }) => fault ?? [])
  const [first] = read
  const odd = read.find(({ follow }) => follow !== first?.follow)
  if (faults.length > 0 || !first || !odd) return { follow: first?.follow, faults }
  // The one that says something is the one to look at.
  const [said, other] = odd.follow === undefined ? [first, odd] : [odd, first]
  const message = `host ${said.view.name} has ${textOf(said)}, host ${other.view.name} ${textOf(other)}`
  return { follow: undefined, faults: [differs(said.view, message)] }
}

interface Reading {
  readonly view: HostView
  readonly follow?: WrittenFollow | undefined
  readonly fault?: AppError | undefined
}

function readFollow(view: HostView): Reading {
  try {
    const value = view.get(followVariable)
    if (value === undefined) return { view }
    const follow = toFollow(value)
    return follow ? { view, follow } : { view, fault: invalid(view, value) }
  } catch (error) {
    return { view, fault: asAppError(error) }
  }
}

/** YAML 1.1 reads a plain `on` or `off` as a boolean. */
function toFollow(value: Value): WrittenFollow | undefined {
  if (value === true || value === 'on') return 'on'
  if (value === false || value === 'off') return 'off'
  return value === 'report' ? 'report' : undefined
}

function textOf({ follow }: Reading): string {
  return follow === undefined ? 'none' : `${followVariable} ${follow}`
}

function invalid(view: HostView, value: Value): AppError {
  const message = `host ${view.name}: ${followVariable} must be on, report or off, not ${show(value)}`
  return new AppError('FOLLOW_INVALID', message, {
    at: locate(view.spot(followVariable) ?? view.place),
    hint: 'on: follow the leader; report: tell, and stay; off: neither. Leave it out for what each agent is set to',
  })
}

function differs(view: HostView, message: string): AppError {
  return new AppError('FOLLOW_DIFFERS', `the members of a cluster follow together: ${message}`, {
    at: locate(view.spot(followVariable) ?? view.place),
    hint: `set ${followVariable} once, in the vars of the cluster's group`,
  })
}
