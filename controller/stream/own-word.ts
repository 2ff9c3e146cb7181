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
  const strangers = new Set(named.size > 0 ? await strangersAmong(store, node, named, also) : [])
  const isOwn = ({ owner }: { readonly owner: Owner }) => !strangers.has(owner)
  // A fault of somebody else's files is still the node's own trouble.
  const own = (fault: Fault__Output) => (isOwn(fault) ? fault : { ...fault, owner: '', file: '', line: 0 })
  return {
    strangers: [...strangers],
    applied: onePerOwner(told.applied.filter(isOwn)),
    quarantined: onePerOwner((told.quarantined ?? []).filter(isOwn)),
    fault: told.fault ? own(told.fault) : null,
    faults: onePerOwner((told.faults ?? []).filter(isOwn)),
  }
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

async function strangersAmong(
  store: Pick<Store, 'node' | 'owners' | 'snapshot'>,
  node: string,
  named: ReadonlySet<Owner>,
  also: Iterable<Owner>,
): Promise<readonly Owner[]> {
  const [{ assignments }, { applied }] = await Promise.all([store.snapshot(node), store.node(node)])
  const own = new Set([...also, ...[...assignments, ...applied].map(({ owner }) => owner)])
  const others = [...named].filter((owner) => !own.has(owner))
  if (others.length === 0) return []
  const published = new Set(await store.owners())
  return others.filter((owner) => published.has(owner))
}

/** The first that is said of each. */
function onePerOwner<T extends { readonly owner: Owner }>(told: readonly T[]): T[] {
  const seen = new Set<Owner>()
  return told.filter(({ owner }) => !seen.has(owner) && seen.add(owner))
}
