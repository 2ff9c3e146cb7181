/**
 * Ansible's host patterns: names, globs and their combinations `a:b`, `a,b`, `a:&b`, `a:!b`.
 *
 * Beside hosts and groups a name may be a cluster, which need not be a group. Source: Ansible's documentation,
 * "Patterns: targeting hosts and groups".
 */

import { AppError } from '../../shared/errors/app-error.ts'
import { nearNames } from '../explain/near-names.ts'
import type { Inventory } from '../inventory/inventory.ts'

export interface Matched {
  /** Clusters that are named themselves and not narrowed by another part. */
  readonly names: ReadonlySet<string>
  /** All hosts that match, members of named clusters included. */
  readonly hosts: ReadonlySet<string>
  /** Those of `hosts` that match by a host's or a group's name, not only as members of a named cluster. */
  readonly direct: ReadonlySet<string>
}

/**
 * @param clusters - members of all clusters, by cluster
 * @throws AppError `TARGET_UNKNOWN` when a part of the pattern is nothing that the inventory knows
 */
export function matchPattern(
  inventory: Inventory,
  clusters: ReadonlyMap<string, readonly string[]>,
  pattern: string,
): Matched {
  const found = parts(inventory, clusters, pattern).map(({ sign, name }) => {
    const matched = lookUp(inventory, clusters, name)
    if (matched === undefined) throw notKnown(inventory, clusters, name)
    return { sign, matched }
  })
  // As in Ansible: first what is added, then what is common, then what is taken away.
  const added = found.filter(({ sign }) => sign === '').map(({ matched }) => matched)
  const start = union(added.length > 0 ? added : [everything(inventory)])
  const narrowing = ['&', '!'].flatMap((sign) => found.filter((part) => part.sign === sign))
  return narrowing.reduce(narrow, start)
}

function everything(inventory: Inventory): Matched {
  const hosts = new Set(inventory.hosts.keys())
  return { names: new Set(), hosts, direct: hosts }
}

function union(parts: readonly Matched[]): Matched {
  return {
    names: new Set(parts.flatMap(({ names }) => [...names])),
    hosts: new Set(parts.flatMap(({ hosts }) => [...hosts])),
    direct: new Set(parts.flatMap(({ direct }) => [...direct])),
  }
}

function narrow(from: Matched, { sign, matched }: { sign: string; matched: Matched }): Matched {
  const keeps = (host: string) => matched.hosts.has(host) === (sign === '&')
  return {
    names: new Set(),
    hosts: new Set([...from.hosts].filter(keeps)),
    direct: new Set([...from.direct].filter(keeps)),
  }
}

function parts(
  inventory: Inventory,
  clusters: ReadonlyMap<string, unknown>,
  pattern: string,
): { sign: string; name: string }[] {
  const isWhole = inventory.hosts.has(pattern) || inventory.groups.has(pattern) || clusters.has(pattern)
  const texts = isWhole || isIpv6(pattern) ? [pattern] : pattern.split(/[:,]/)
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const sign = text.startsWith('!') || text.startsWith('&') ? text.charAt(0) : ''
      return { sign, name: text.slice(sign.length) }
    })
}

function isIpv6(text: string): boolean {
  return /^[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F.:]*$/.test(text)
}

/** A name that is a cluster's means that cluster, though a group of that name exists as a rule. */
function lookUp(
  inventory: Inventory,
  clusters: ReadonlyMap<string, readonly string[]>,
  name: string,
): Matched | undefined {
  const matches = /[*?[]/.test(name) ? globOf(name) : (candidate: string) => candidate === name
  const names = [...clusters.keys()].filter(matches)
  const members = names.flatMap((cluster) => clusters.get(cluster) ?? [])
  const groups = [...inventory.groups.values()].filter(
    (group) => matches(group.name) && !clusters.has(group.name),
  )
  const hosts = [...inventory.hosts.keys()].filter(matches)
  if (names.length + groups.length + hosts.length === 0) return undefined
  const direct = [...groups.flatMap((group) => group.hosts), ...hosts]
  return { names: new Set(names), hosts: new Set([...members, ...direct]), direct: new Set(direct) }
}

/** Shell globs over a whole name: `*`, `?`, `[a-c]`. */
export function globOf(glob: string): (name: string) => boolean {
  const source = glob.replaceAll(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.startsWith('[') && piece.length > 1) {
      return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    }
    return piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  const pattern = safePattern(source)
  return (name) => pattern?.test(name) ?? false
}

function safePattern(source: string): RegExp | undefined {
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    return undefined
  }
}

function notKnown(inventory: Inventory, clusters: ReadonlyMap<string, unknown>, name: string): AppError {
  const groups = [...inventory.groups.keys()].filter((group) => !clusters.has(group) && group !== 'ungrouped')
  const all = new Set([...clusters.keys(), ...groups, ...inventory.hosts.keys()])
  const near = nearNames(name, [...all])
  const meant = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `
  const known = `${meant}clusters: ${some([...clusters.keys()])}; groups: ${some(groups)}`
  return new AppError('TARGET_UNKNOWN', `${name} is no cluster, group or host of the inventory`, {
    hint: known,
  })
}

function some(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  return names.length <= 20
    ? names.join(', ')
    : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
}
