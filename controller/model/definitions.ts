/** The service definitions that a rendering host has: pg_default_services and pg_services. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { pyText } from '../inventory/py-text.ts'
import { locate } from '../inventory/spot.ts'
import { Dict, isList, Opaque, type Value } from '../inventory/value.ts'
import { show } from './fields.ts'
import type { Checked } from './member.ts'

export interface Definition {
  readonly dict: Dict
  /** Where it stands, or the list that it stands in. */
  readonly at: Location | undefined
}

/**
 * The definitions in order, the default ones first.
 *
 * @throws AppError `SERVICES_INVALID` for anything but lists of mappings, `TEMPLATE_*` when they cannot be evaluated
 */
export function clusterDefinitions(view: HostView, checked: Checked): Definition[] {
  if (checked === 'checked') refuseExtra(view)
  const all = ['pg_default_services', 'pg_services'].flatMap((name) => definitions(view, name, checked))
  // The mirror writes one over the other: when the later one fails, the earlier one is what stays.
  return checked === 'checked' ? lastOfEachName(all) : all
}

function refuseExtra(view: HostView): void {
  const extra = view.get('pg_services_extra')
  if (extra !== undefined && isList(extra) && extra.length > 0) {
    throw new AppError(
      'SERVICE_LEGACY',
      `host ${view.name}: pg_services_extra is of Pigsty 1.x and not understood`,
      {
        at: locate(view.spot('pg_services_extra')),
        hint: 'move the services to pg_services, with the keys name, port, dest, check, selector and backup',
      },
    )
  }
}

/** The host's own haproxy_services; empty when haproxy_enabled is not set. */
export function nodeDefinitions(view: HostView, checked: Checked): Definition[] {
  return definitions(view, 'haproxy_services', checked)
}

function definitions(view: HostView, name: string, checked: Checked): Definition[] {
  const list = view.get(name)
  const at = locate(view.spot(name))
  if (list === undefined) return []
  if (!isList(list)) {
    throw new AppError('SERVICES_INVALID', `${name} of host ${view.name} must be a list, not ${show(list)}`, {
      at,
    })
  }
  const date = checked === 'mirrored' ? dateIn(list) : undefined
  if (date !== undefined) {
    throw new AppError(
      'SERVICES_INVALID',
      `${name} of host ${view.name}: Ansible fails on a date (${date})`,
      {
        at,
        hint: 'put it into quotes',
      },
    )
  }
  return list.map((item) => {
    if (item instanceof Dict) return { dict: item, at: locate(item.spot) ?? at }
    throw new AppError(
      'SERVICES_INVALID',
      `${name} of host ${view.name}: a service is a mapping, not ${show(item)}`,
      {
        at,
      },
    )
  })
}

/** Ansible reads a list back from its text, which dates do not survive. */
function dateIn(value: Value): string | undefined {
  if (value instanceof Opaque) return value.kind === 'date' ? value.text : undefined
  const items = isList(value) ? value : value instanceof Dict ? [...value.values()] : []
  for (const item of items) {
    const date = dateIn(item)
    if (date !== undefined) return date
  }
  return undefined
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
