/** Services that lead to nobody, or to members of last resort only. */

import { pyText } from '../values/py-text.ts'
import type { ServiceProblem } from './by-service.ts'
import type { Places } from './places.ts'
import { type PlannedService, plainServers, type ServiceForm } from './planned-service.ts'

/** Selectors of Pigsty's own services, whose backups are meant to serve where nobody has the role. */
const stockSelectors: ReadonlySet<string> = new Set(['[? pg_role == `offline` || pg_offline_query ]'])

export function memberWarnings(service: PlannedService, places: Places): ServiceProblem[] {
  const { owner, name, plan, forms } = service
  // A node's own services name their servers; none at all is what their author wrote.
  if (plan.members.length === 0) return []
  const empty = forms.filter(({ info }) => info.servers.length === 0)
  const warn = (code: string, message: string, hint: string): ServiceProblem[] => [
    {
      owner,
      service: name,
      severity: 'warning',
      code,
      message,
      at: places.of(owner, name, 'selector'),
      hint,
    },
  ]
  const now = empty.find(({ leader }) => leader === plan.leader)
  if (now !== undefined) {
    const who = plan.members.length === 1 ? 'the only member' : `any of the ${plan.members.length} members`
    const isDefault = places.definitions(owner).get(name)?.inherited === true
    const kind = isDefault ? 'default service without a server' : 'no server'
    return warn(
      'SELECTOR_EMPTY',
      `${kind}: neither selector nor backup chooses ${who}${onNode(now, service)}, and port ${now.info.port} drops whoever connects`,
      isDefault
        ? `nothing if nobody connects there; else give a member what the selector asks for: ${selectorOf(service, places)}`
        : 'mend the selector, give the service a backup, or take the service out for this cluster',
    )
  }
  if (empty.length > 0) {
    const leaders = [...new Set(empty.map(({ leader }) => leader))].join(', ')
    return warn(
      'SELECTOR_EMPTY_SOMETIMES',
      `no server while ${leaders} leads`,
      'give the service a backup that chooses somebody then',
    )
  }
  return onlyBackups(service, places)
    ? warn(
        'SELECTOR_ONLY_BACKUPS',
        'every server is a backup, whoever leads',
        'let the selector choose the members that are to serve, and backup the others',
      )
    : []
}

function onNode(form: ServiceForm, { forms }: PlannedService): string {
  const all = forms.filter(({ leader }) => leader === form.leader)
  return all.length === 1 ? '' : ` as ${form.node} renders it`
}

function onlyBackups({ owner, name, forms }: PlannedService, places: Places): boolean {
  if (!forms.every(({ info }) => plainServers(info).length === 0)) return false
  if (forms.every(({ info }) => info.servers.length < 2)) return false
  return !stockSelectors.has(selectorOf({ owner, name }, places))
}

function selectorOf({ owner, name }: Pick<PlannedService, 'owner' | 'name'>, places: Places): string {
  return pyText(places.definitions(owner).get(name)?.definition.dict.get('selector') ?? null)
}
