/** Keys of services that nobody reads: most often a slip of the pen, and the default is used in silence. */
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import { distance } from '../explain/near-names.ts'
import { type LoadedInventory, variableOf } from '../inventory/inventory.ts'
import type { OwnerPlan, Problem } from '../plan/owner-plan.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList } from '../values/value.ts'

const words = (text: string): readonly string[] => text.split(' ')

const serviceKeys = words(
  'name ip port dest check check_method check_port check_code selector backup maxconn balance options src_ip src_port dst_port check_url selector_backup haproxy',
)
const innerKeys = words('maxconn balance default_server_options')
const nodeKeys = words(
  'name ip port protocol balance maxconn default options servers src_ip src_port haproxy',
)
const serverKeys = words('name ip port backup weight options')
/** What authors write for themselves. */
const notes: ReadonlySet<string> = new Set(
  words('comment desc description title note notes owner state enabled'),
)

const lists = ['pg_default_services', 'pg_services', 'pg_services_extra']

/** Definitions are looked at as they are written: a key is no template. Each is told of its first owner. */
export function keyWarnings(loaded: LoadedInventory, plans: readonly OwnerPlan[]): Problem[] {
  const seen = new Set<Dict>()
  return plans.flatMap(({ owner, members }) => {
    const node = hostOfNodeOwner(owner)
    const names = node === undefined ? lists : ['haproxy_services']
    const hosts = node === undefined ? members.map(({ address }) => address) : [node]
    return hosts
      .flatMap((host) => names.flatMap((name) => definitions(loaded, host, name)))
      .filter((dict) => !seen.has(dict) && seen.add(dict))
      .flatMap((dict) => definitionWarnings(owner, dict, node !== undefined))
  })
}

function definitions(loaded: LoadedInventory, name: string, list: string): Dict[] {
  const host = loaded.inventory.hosts.get(name)
  const value = host === undefined ? undefined : variableOf(host, list)?.value
  return isList(value) ? value.filter((item) => item instanceof Dict) : []
}

function definitionWarnings(owner: Owner, dict: Dict, isNode: boolean): Problem[] {
  const what = `service ${pyText(dict.get('name') ?? null) || '?'}`
  const servers = isNode ? dict.get('servers') : undefined
  const inner = dict.get('haproxy')
  return [
    ...unknown(owner, what, dict, isNode ? nodeKeys : serviceKeys),
    ...(isList(servers) ? servers : []).flatMap((item) =>
      item instanceof Dict ? unknown(owner, `a server of ${what}`, item, serverKeys) : [],
    ),
    ...(inner instanceof Dict ? unknown(owner, `haproxy of ${what}`, inner, innerKeys) : []),
  ]
}

function unknown(owner: Owner, what: string, dict: Dict, keys: readonly string[]): Problem[] {
  return [...dict.keys()]
    .map(String)
    .filter((key) => !keys.includes(key) && !notes.has(key))
    .map((key) => {
      const near = nearest(key, keys)
      return {
        owner,
        severity: 'warning',
        code: 'SERVICE_KEY_UNKNOWN',
        message: `${what}: nobody reads the key ${key}`,
        at: locate(dict.spots.get(key) ?? dict.spot),
        hint: near === undefined ? `keys: ${keys.join(', ')}` : `is ${near} meant?`,
      }
    })
}

/** The key that is few letters away. */
function nearest(key: string, keys: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(key.length / 3))
  const found = keys
    .map((candidate) => ({ candidate, far: distance(key.toLowerCase(), candidate, allowed) }))
    .sort((a, b) => a.far - b.far)[0]
  return found !== undefined && found.far <= allowed ? found.candidate : undefined
}
