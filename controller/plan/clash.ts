/**
 * Services that cannot stand side by side on a node: one port, or one file, for two of them, or a port that the
 * node itself needs.
 *
 * HAProxy accepts the same port twice and splits the connections between both services, so nobody else would
 * notice. Both owners are refused: which of them is the newcomer cannot be known from the inventory.
 */
import { addressesOverlap } from '../../shared/haproxy/address.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { type Listener, listenersOn } from './listeners.ts'
import { type NodePort, nodePorts } from './node-ports.ts'
import type { OwnerPlan, Problem } from './owner-plan.ts'
import { ProblemList } from './problem-list.ts'

/** Clashes of the planned owners among each other, with the others that share their nodes, and with the nodes. */
export function findClashes(loaded: LoadedInventory, planned: readonly OwnerPlan[]): Problem[] {
  const nodes = new Set(planned.flatMap((plan) => plan.nodes.map(({ node }) => node)))
  const owners = new Set(planned.map((plan) => plan.owner))
  const seen = new Map<string, Clash>()
  for (const [node, listeners] of listenersOn(loaded, nodes)) {
    const host = loaded.inventory.hosts.get(node)
    for (const clash of [
      ...sharedKeys(listeners),
      ...(host === undefined ? [] : takenPorts(listeners, nodePorts(loaded, host))),
    ]) {
      if (owners.has(clash.listener.owner)) note(seen, clash, node)
    }
  }
  const lists = new Map(planned.map((plan) => [plan.owner, new ProblemList(plan.owner)]))
  for (const clash of seen.values()) report(lists.get(clash.listener.owner), clash)
  return [...lists.values()].flatMap((list) => list.all)
}

type Cause =
  | { readonly kind: 'file' | 'port'; readonly other: Listener }
  | { readonly kind: 'node'; readonly taken: NodePort }

interface Clash {
  readonly listener: Listener
  readonly cause: Cause
  /** Where it happens; one line to mend is one problem. */
  readonly nodes: string[]
}

function note(seen: Map<string, Clash>, clash: Clash, node: string): void {
  const { listener, cause } = clash
  const with_ = cause.kind === 'node' ? cause.taken.what : cause.other.service
  const key = JSON.stringify([listener.owner, listener.service, listener.port, cause.kind, with_])
  const known = seen.get(key) ?? clash
  seen.set(key, known)
  if (known.nodes.at(-1) !== node) known.nodes.push(node)
}

/** Each listener with the first other one of the same file, and the first one on the same port. */
function* sharedKeys(listeners: readonly Listener[]): Generator<Clash> {
  for (const group of groupsOf(listeners, (listener) => listener.service)) {
    for (const listener of group) {
      const other = group.find((candidate) => candidate !== listener)
      if (other !== undefined) yield between('file', listener, other, group)
    }
  }
  for (const group of groupsOf(listeners, (listener) => listener.port)) {
    for (const listener of group) {
      const other = group.find((candidate) => sharesPort(listener, candidate))
      if (other !== undefined) yield between('port', listener, other, group)
    }
  }
}

/** Two services of one owner are one clash: that of the one that its author wrote, or wrote later. */
function between(
  kind: 'file' | 'port',
  listener: Listener,
  other: Listener,
  group: readonly Listener[],
): Clash {
  const isLater = group.indexOf(listener) > group.indexOf(other)
  const isOwn = listener.isDefault === other.isDefault ? isLater : other.isDefault
  const isTurned = listener.owner === other.owner && !isOwn
  return isTurned
    ? { listener: other, cause: { kind, other: listener }, nodes: [] }
    : { listener, cause: { kind, other }, nodes: [] }
}

function sharesPort(one: Listener, other: Listener): boolean {
  return one !== other && one.service !== other.service && addressesOverlap(one.ip, other.ip)
}

/** Groups of more than one. */
function groupsOf(listeners: readonly Listener[], keyOf: (listener: Listener) => string): Listener[][] {
  const groups = new Map<string, Listener[]>()
  for (const listener of listeners) {
    const group = groups.get(keyOf(listener))
    if (keyOf(listener) === '') continue
    if (group === undefined) groups.set(keyOf(listener), [listener])
    else group.push(listener)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

function* takenPorts(listeners: readonly Listener[], ports: readonly NodePort[]): Generator<Clash> {
  const byPort = new Map<string, NodePort[]>()
  for (const port of ports) byPort.set(port.port, [...(byPort.get(port.port) ?? []), port])
  for (const listener of listeners) {
    const overlapping = (byPort.get(listener.port) ?? []).filter(({ addresses }) =>
      addresses.some((address) => addressesOverlap(address, listener.ip)),
    )
    const taken = overlapping.find(({ sure }) => sure) ?? overlapping[0]
    if (taken !== undefined) yield { listener, cause: { kind: 'node', taken }, nodes: [] }
  }
}

const otherPort = 'give one of them another port, or a different ip'

function report(list: ProblemList | undefined, { listener, cause, nodes }: Clash): void {
  if (list === undefined) return
  const { owner, service, port, at, isDefault } = listener
  const where = nodes.length > 1 ? `${nodes[0]} and ${nodes.length - 1} more` : nodes[0]
  if (cause.kind === 'node') {
    const { what, sure } = cause.taken
    list.note({
      severity: sure ? 'error' : 'warning',
      code: sure ? 'PORT_TAKEN' : 'PORT_LIKELY_TAKEN',
      message: `port ${port} of ${service} ${sure ? 'is' : 'may be'} taken by ${what} on ${where}`,
      at: at('port'),
      hint: 'give the service another port',
    })
    return
  }
  const { other } = cause
  const isFile = cause.kind === 'file'
  const code = isFile ? 'NAME_CLASH' : 'PORT_CLASH'
  list.note({
    severity: 'error',
    code,
    message: isFile
      ? `${service} is also the name of a service of ${other.owner} on ${where}`
      : `port ${port} of ${service} is taken by ${other.service} on ${where}`,
    at: at(isFile ? 'name' : 'port'),
    hint: isFile ? 'give one of them another name' : otherPort,
    ...(owner !== other.owner && {
      pair: { key: [code, ...[service, other.service].sort(), port].join(' '), isDefault },
    }),
  })
}
