/** A host as explanations look at it: its variables as it would render with them, and where each comes from. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory, Origin } from '../inventory/inventory.ts'
import { describeOrigin, originsOf } from '../inventory/origins.ts'
import { type Facts, memberFacts, nodeFacts } from '../model/facts.ts'
import { indexOf } from '../plan/index-of.ts'
import { once } from '../plan/once.ts'
import { locate } from '../values/spot.ts'
import type { Value } from '../values/value.ts'

/** Something that gives a variable a value. */
export interface Place {
  readonly kind: Origin['kind'] | 'built_in' | 'fact' | 'default'
  /** `host`, `group pg-test (depth 2, priority 1)`, `role default`, ... */
  readonly text: string
  readonly at: Location | undefined
  /** As it was written. */
  readonly value: Value
}

export interface Subject {
  readonly host: Host
  /** pg_cluster; undefined for a host that is no member, or cannot tell. */
  readonly cluster: string | undefined
  /** With facts and role defaults. */
  readonly view: HostView
  /** Every variable's name, sorted. */
  names(): string[]
  /** The places that define a variable, the one that counts first. */
  places(name: string): Place[]
}

export function subjectOf(loaded: LoadedInventory, host: Host): Subject {
  const { inventory, defaults } = loaded
  const { clusterOf, clusters } = indexOf(loaded)
  const cluster = clusterOf.get(host.name)
  const addresses = clusters.get(cluster ?? '')?.hosts.map(({ name }) => name) ?? []
  const plain = new HostView(inventory, host, { defaults, keepUndefined: false })
  const facts = once(() => (cluster === undefined ? nodeFacts(plain) : memberFacts(plain, addresses)))
  const view = new HostView(inventory, host, { defaults, facts, keepUndefined: false })
  const bare = new HostView(inventory, { ...host, layers: [] }, { keepUndefined: false })
  const known = once(() => factsOrNone(facts))
  return {
    host,
    cluster,
    view,
    names: () =>
      [...new Set([...view.names(), ...known().keys(), ...[...defaults.keys()].map(String)])].sort(),
    places: (name) => [
      ...fixed('built_in', 'built in', bare.get(name)),
      ...fixed('fact', 'fact that the playbooks work out', known().get(name)),
      ...originsOf(host, name).map(({ origin, value, spot }) => ({
        kind: origin.kind,
        text: describeOrigin(origin),
        at: locate(spot),
        value,
      })),
      ...fixed('default', 'role default', defaults.get(name), locate(defaults.spots.get(name))),
    ],
  }
}

function fixed(kind: Place['kind'], text: string, value: Value | undefined, at?: Location): Place[] {
  return value === undefined ? [] : [{ kind, text, at, value }]
}

/** Facts rest on variables that may be broken; those say so themselves. */
function factsOrNone(facts: () => Facts): Facts {
  try {
    return facts()
  } catch (error) {
    if (error instanceof AppError) return new Map()
    throw error
  }
}
