/** A service as one host would render it: its definition, where that stands, and what it replaces. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { checkService } from '../model/check-service.ts'
import { clusterDefinitions, type Definition, fieldsOf } from '../model/definitions.ts'
import type { Service } from '../model/service.ts'
import { carrierVip } from '../model/vip.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList } from '../values/value.ts'

export interface DefinedService {
  readonly service: Service
  readonly definition: Definition
  /** Variable whose list holds the definition. */
  readonly list: string
  /** Definitions of the same name that this one replaces. */
  readonly replaces: readonly { readonly list: string; readonly at: Location | undefined }[]
}

/** Lists of services, the base first; a later definition of a name replaces an earlier one. */
const lists = ['pg_default_services', 'pg_services', 'pg_services_extra']

/** Names of all services of a host that renders. */
export function serviceNames(view: HostView): string[] {
  return clusterDefinitions(view, 'checked').map(({ dict }) => pyText(dict.get('name') ?? null))
}

/**
 * Undefined when the host has no service of that name.
 *
 * @throws AppError as the plan's errors: a definition that is refused is refused here too
 */
export function definedService(
  view: HostView,
  carrier: HostView,
  cluster: string,
  name: string,
): DefinedService | undefined {
  const definition = clusterDefinitions(view, 'checked').find(
    ({ dict }) => pyText(dict.get('name') ?? null) === name,
  )
  if (definition === undefined) return undefined
  const destination = view.get('pg_default_service_dest')
  const service = checkService(definition, fieldsOf(definition, `service ${name} of ${cluster}`), {
    destination: destination === undefined ? 'postgres' : destination,
    destinationFrom: { host: view.name, at: locate(view.spot('pg_default_service_dest')) },
    vip: () => carrierVip(carrier, cluster),
    misplacesCheckPort: false,
  })
  const found = lists.flatMap((list) => itemsNamed(view, list, name))
  const own = found.find(({ at }) => isSame(at, definition.at)) ?? found.at(-1)
  return { service, definition, list: own?.list ?? '', replaces: found.filter((item) => item !== own) }
}

function itemsNamed(view: HostView, list: string, name: string) {
  const items = listOf(view, list)
  if (!isList(items)) return []
  return items
    .filter((item) => item instanceof Dict)
    .filter((item) => pyText(item.get('name') ?? null) === name)
    .map((item) => ({ list, at: locate(item.spot) ?? locate(view.spot(list)) }))
}

/** A list that is not used need not be sound. */
function listOf(view: HostView, list: string) {
  try {
    return view.get(list)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function isSame(a: Location | undefined, b: Location | undefined): boolean {
  return a?.file === b?.file && a?.line === b?.line && a?.column === b?.column
}
