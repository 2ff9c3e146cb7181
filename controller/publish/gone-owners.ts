/**
 * Owners that are published and that the inventory does not have any more: a name mistyped in it, or a cluster that was
 * retired. Their files are never taken away for that, so somebody has to be told. Pure.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { hostOfNodeOwner, nodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import { globOf } from '../plan/host-pattern.ts'
import type { OwnerTarget } from '../plan/targets.ts'
import type { TargetKind } from './catalogue.ts'
import type { Notice } from './events.ts'

interface Meant {
  readonly pattern: string
  readonly kind: TargetKind
}

type NodesByOwner = ReadonlyMap<Owner, readonly string[]>

const code = 'OWNER_GONE'

export interface GoneOwners {
  readonly errors: readonly Notice[]
  readonly warnings: readonly Notice[]
}

export const nobodyGone: GoneOwners = { errors: [], warnings: [] }

/**
 * @param targets - all that the inventory has for the pattern, on whatever nodes
 * @param assigned - what is published now
 * @returns an error when the pattern names such an owner, a warning for each that `all` or a glob fits; who else is meant
 *   by a group, nobody knows any more
 */
export function goneOwners(
  { pattern, kind }: Meant,
  targets: readonly OwnerTarget[],
  assigned: NodesByOwner,
): GoneOwners {
  const isMeant = (owner: Owner) => targets.some((target) => target.owner === owner)
  const named = ownerNamed({ pattern, kind })
  const nodes = assigned.get(named)
  const errors = nodes && !isMeant(named) ? [noticeOf(named, nodes)] : []
  const isOfKind = (owner: Owner) => (hostOfNodeOwner(owner) !== undefined) === (kind === 'node')
  const isMany = pattern === 'all' || /[*?[]/.test(pattern)
  const fits = globOf(pattern === 'all' ? '*' : pattern)
  const left = isMany
    ? [...assigned].filter(
        ([owner]) => isOfKind(owner) && fits(hostOfNodeOwner(owner) ?? owner) && !isMeant(owner),
      )
    : []
  return { errors, warnings: left.map(([owner, where]) => noticeOf(owner, where)) }
}

/** The inventory does not know the name at all: said with what runs of it, when something does. */
export function asGone(error: unknown, meant: Meant, assigned: NodesByOwner): unknown {
  const named = ownerNamed(meant)
  const nodes = assigned.get(named)
  if (!(error instanceof AppError) || error.code !== 'TARGET_UNKNOWN' || !nodes) return error
  const { message, hint } = noticeOf(named, nodes)
  return new AppError(code, message, { hint, cause: error })
}

function ownerNamed({ pattern, kind }: Meant): Owner {
  return kind === 'node' ? nodeOwner(pattern) : pattern
}

function noticeOf(owner: Owner, nodes: readonly string[]): Notice & { readonly hint: string } {
  return {
    code,
    message: `the inventory has no ${owner} any more, and it is published on ${nodes.join(', ')}; nothing of it was changed`,
    hint: `mend the inventory ("pgsvc lint" says what is odd about it), or end it with "pgsvc remove ${owner}"`,
    owner,
  }
}
