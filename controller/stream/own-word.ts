/**
 * A node has a say about what is its own: what it is assigned, what it was known to run, and what it keeps of clusters
 * that were never published here. What it says of others is left out, so that a stolen node takes nobody else's cluster
 * out of a publish and writes nothing into anybody else's events.
 */
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AppliedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/AppliedOwner.ts'
import type { Fault__Output } from '../../shared/rpc/generated/pgsvc/v1/Fault.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { QuarantinedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/QuarantinedOwner.ts'
import type { Store } from '../store/store.ts'

/** What an agent says of owners, in any of its messages. */
export interface Told {
  readonly applied: readonly AppliedOwner__Output[]
  readonly quarantined?: readonly QuarantinedOwner__Output[]
  readonly fault?: Fault__Output | null
  readonly faults?: readonly Fault__Output[]
}

/** The owners that are none of the node's, and its word without them. */
export interface OwnWord {
  readonly strangers: readonly Owner[]
  readonly applied: AppliedOwner__Output[]
  readonly quarantined: QuarantinedOwner__Output[]
  readonly fault: Fault__Output | null
  readonly faults: Fault__Output[]
}

/**
 * @param also - owners that it was sent, whatever is assigned by now
 * @throws as the store does
 */
export async function ownWord(
  store: Pick<Store, 'node' | 'owners' | 'snapshot'>,
  node: string,
  told: Told,
  also: Iterable<Owner> = [],
): Promise<OwnWord> {
  const named = namedIn(told)
  const { strangers, kept } = named.size > 0 ? await othersAmong(store, node, named, also) : nobody
  const isOwn = ({ owner }: { readonly owner: Owner }) => !strangers.has(owner) && !kept.has(owner)
  // A fault of somebody else's files is still the node's own trouble.
  const own = (fault: Fault__Output) => (isOwn(fault) ? fault : { ...fault, owner: '', file: '', line: 0 })
  return {
    strangers: [...strangers],
    applied: onePerOwner(told.applied.filter(({ owner }) => !strangers.has(owner))),
    quarantined: onePerOwner((told.quarantined ?? []).filter(isOwn)),
    fault: told.fault ? own(told.fault) : null,
    faults: onePerOwner((told.faults ?? []).filter(isOwn)),
  }
}

/**
 * What a node runs when it says Hello. It is not held against the assignments: an older copy of the database, or an empty
 * one, knows less than the nodes, and what it never gave them they keep.
 */
export function runningAtHello(applied: readonly AppliedOwner__Output[]): AppliedOwner__Output[] {
  return onePerOwner(applied)
}

/** An answer, as far as it is about the node's own. */
export function ownAck(ack: Ack__Output, { applied, quarantined }: OwnWord): Ack__Output {
  return { ...ack, applied, quarantined }
}

/** An answer, as far as it is about the node's own. */
export function ownNack(nack: Nack__Output, { applied, fault, faults }: OwnWord): Nack__Output {
  return { ...nack, applied, fault, faults }
}

function namedIn({ applied, quarantined = [], fault, faults = [] }: Told): ReadonlySet<Owner> {
  const all = [...applied, ...quarantined, ...faults, ...(fault ? [fault] : [])]
  return new Set(all.map(({ owner }) => owner).filter((owner) => owner !== ''))
}

interface Others {
  /** Published, and none of the node's. */
  readonly strangers: ReadonlySet<Owner>
  /** Published, and kept by the node from before this database: it runs them, and has no say about them. */
  readonly kept: ReadonlySet<Owner>
}

const nobody: Others = { strangers: new Set(), kept: new Set() }

async function othersAmong(
  store: Pick<Store, 'node' | 'owners' | 'snapshot'>,
  node: string,
  named: ReadonlySet<Owner>,
  also: Iterable<Owner>,
): Promise<Others> {
  const [{ assignments, keptOwners = [] }, { applied }] = await Promise.all([
    store.snapshot(node),
    store.node(node),
  ])
  const kept = new Set(keptOwners)
  const ran = applied.filter(({ owner }) => !kept.has(owner))
  const own = new Set([...also, ...[...assignments, ...ran].map(({ owner }) => owner)])
  const others = [...named].filter((owner) => !own.has(owner))
  if (others.length === 0) return nobody
  const published = new Set(await store.owners())
  const theirs = others.filter((owner) => published.has(owner))
  return {
    strangers: new Set(theirs.filter((owner) => !kept.has(owner))),
    kept: new Set(theirs.filter((owner) => kept.has(owner))),
  }
}

/** The first that is said of each. */
function onePerOwner<T extends { readonly owner: Owner }>(told: readonly T[]): T[] {
  const seen = new Set<Owner>()
  return told.filter(({ owner }) => !seen.has(owner) && seen.add(owner))
}
