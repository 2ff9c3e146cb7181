/** The service definitions that a rendering host has, in today's words. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { variableOf } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList, type Key } from '../values/value.ts'
import { Fields, show } from './fields.ts'
import type { Checked } from './member.ts'
import { lostIn } from './read-back.ts'
import { isFirstRelease, versionOf } from './release.ts'
import { type Twice, wordingOf } from './vocabulary.ts'

export interface Definition {
  /** In today's words; for the mirror as it was written. */
  readonly dict: Dict
  /** Where it stands, or the list that it stands in. */
  readonly at: Location | undefined
  /** What its author wrote for a word of today, where that is a word of Pigsty 1.x. */
  readonly written: ReadonlyMap<Key, string>
  /** It is written in the words of Pigsty 1.x: what it leaves out means what it meant there. */
  readonly isOld: boolean
  /** Things that it says in both words. */
  readonly twice: readonly Twice[]
}

/** @param what - what is defined, for messages */
export function fieldsOf(definition: Definition, what: string): Fields {
  return new Fields(definition.dict, what, definition.at, definition.written)
}

/**
 * The definitions in order, the default ones first.
 *
 * @throws AppError `SERVICES_INVALID` for anything but lists of mappings, `TEMPLATE_*` when they cannot be evaluated
 */
export function clusterDefinitions(view: HostView, checked: Checked): Definition[] {
  const all = listNames(view, checked).flatMap((name) => definitions(view, name, checked, 'cluster'))
  // The mirror writes one over the other: when the later one fails, the earlier one is what stays.
  return checked === 'checked' ? lastOfEachName(all) : all
}

/** The variables that hold a cluster's services, the base first. */
function listNames(view: HostView, checked: Checked): readonly string[] {
  if (!isFirstRelease(view)) {
    const today = ['pg_default_services', 'pg_services']
    return checked === 'checked' ? [...today, 'pg_services_extra'] : today
  }
  // What was to be 1.6 and became 2.0 had today's lists and yesterday's words.
  const isLast = (versionOf(view)?.minor ?? 0) > 5
  if (checked === 'mirrored')
    return isLast ? ['pg_default_services', 'pg_services'] : ['pg_services', 'pg_services_extra']
  const base = isLast || hasOwnBase(view) ? ['pg_default_services'] : []
  return [...base, 'pg_services', 'pg_services_extra']
}

/**
 * In 1.x pg_services is the base, and pg_default_services counts only when somebody wrote it for 1.x: the role
 * defaults of a later release would add each service once more.
 */
function hasOwnBase(view: HostView): boolean {
  if (variableOf(view.host, 'pg_default_services') !== undefined) return true
  const base = view.get('pg_default_services')
  return isList(base) && base.some((item) => item instanceof Dict && item.has('src_port'))
}

/** The host's own haproxy_services; empty when haproxy_enabled is not set. */
export function nodeDefinitions(view: HostView, checked: Checked): Definition[] {
  return definitions(view, 'haproxy_services', checked, 'node')
}

function definitions(view: HostView, name: string, checked: Checked, kind: 'cluster' | 'node'): Definition[] {
  const list = view.get(name)
  const at = locate(view.spot(name))
  if (list === undefined) return []
  const invalid = (message: string, hint: string) =>
    new AppError('SERVICES_INVALID', `${name} of host ${view.name}${message}`, { at, hint })
  if (!isList(list)) throw invalid(` must be a list, not ${show(list)}`, `write ${name}: [ ... ]`)
  const lost = checked === 'mirrored' ? lostIn(list) : undefined
  if (lost !== undefined) throw invalid(`: Ansible fails on a value like ${lost.text}`, 'put it into quotes')
  return list.map((item) => {
    if (!(item instanceof Dict))
      throw invalid(`: a service is a mapping, not ${show(item)}`, 'write { name: ..., port: ... }')
    const own = locate(item.spot) ?? at
    if (checked === 'mirrored')
      return { dict: item, at: own, written: new Map(), isOld: item.has('src_port'), twice: [] }
    const { dict, written, isOld, twice } = wordingOf(item, kind)
    return { dict, at: own, written, isOld, twice }
  })
}

/** Two services of one name share a file, and the later one is what is left in it. */
function lastOfEachName(all: readonly Definition[]): Definition[] {
  const byName = new Map<string, Definition>()
  for (const [i, definition] of all.entries()) {
    const name = definition.dict.get('name')
    byName.set(name === undefined ? `\n${i}` : pyText(name), definition)
  }
  return [...byName.values()]
}
