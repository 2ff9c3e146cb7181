/** All places that define a variable of a host, so that somebody can see which one won over which. */

import type { Spot } from '../values/spot.ts'
import type { Value } from '../values/value.ts'
import type { Host, Origin } from './inventory.ts'

export interface Written {
  readonly origin: Origin
  /** As it was written, not templated. */
  readonly value: Value
  readonly spot: Spot | undefined
}

/** Every layer of the host that has the variable; the first one counts, the others are overridden by it. */
export function originsOf(host: Host, name: string): Written[] {
  return host.layers.flatMap(({ origin, vars }) => {
    const value = vars.get(name)
    return value === undefined ? [] : [{ origin, value, spot: vars.spots.get(name) }]
  })
}

/** `group pg-test (depth 2, priority 1)`, `group_vars/all`, `host`, `host_vars`. */
export function describeOrigin(origin: Origin): string {
  if (!('group' in origin)) return origin.kind
  const name = origin.kind === 'group' ? `group ${origin.group}` : `group_vars/${origin.group}`
  return origin.group === 'all' ? name : `${name} (depth ${origin.depth}, priority ${origin.priority})`
}
