/** Inventories from text, without a disk. */
import { buildInventory } from '../../controller/inventory/build-inventory.ts'
import { builtInDefaults, completeDefaults } from '../../controller/inventory/built-in-defaults.ts'
import { HostView } from '../../controller/inventory/host-view.ts'
import type { LoadedInventory } from '../../controller/inventory/inventory.ts'
import { parseYaml } from '../../controller/parse/parse-yaml.ts'
import { computePlan, type PlanOptions } from '../../controller/plan/compute-plan.ts'
import type { Plan } from '../../controller/plan/owner-plan.ts'
import { Dict, type Value } from '../../controller/values/value.ts'
import { canonicalText } from '../../shared/haproxy/canonical.ts'

export interface InventoryText {
  readonly groupVars?: Readonly<Record<string, string>>
  readonly hostVars?: Readonly<Record<string, string>>
  readonly defaults?: string
}

/** An inventory as if it had been read from pigsty.yml. */
export function inventoryOf(text: string, rest: InventoryText = {}): LoadedInventory {
  const { value, warnings } = parseYaml('pigsty.yml', text)
  const built = buildInventory({
    file: 'pigsty.yml',
    documents: [value],
    beside: { groups: varsOf('group_vars', rest.groupVars), hosts: varsOf('host_vars', rest.hostVars) },
  })
  const defaults =
    rest.defaults === undefined ? builtInDefaults() : completeDefaults(dictOf('d', rest.defaults))
  return { inventory: built.inventory, defaults, digest: 'test', warnings: [...warnings, ...built.warnings] }
}

function varsOf(folder: string, texts: Readonly<Record<string, string>> = {}): Map<string, Dict> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, dictOf(`${folder}/${name}`, text)]))
}

function dictOf(path: string, text: string): Dict {
  const { value } = parseYaml(path, text)
  if (value instanceof Dict) return value
  throw new Error(`${path} is no mapping`)
}

/** A variable as a selector sees it. */
export function valueIn(loaded: LoadedInventory, host: string, name: string): Value | undefined {
  return viewOf(loaded, host).get(name)
}

export function viewOf(loaded: LoadedInventory, name: string, keepUndefined = false): HostView {
  const host = loaded.inventory.hosts.get(name)
  if (host === undefined) throw new Error(`no host ${name}`)
  return new HostView(loaded.inventory, host, { keepUndefined })
}

/** The plan of an inventory, with everything that can be planned. */
export function planOf(loaded: LoadedInventory, options: Partial<PlanOptions> = {}): Plan {
  return computePlan(loaded, { strict: false, node: true, ...options })
}

/** Canonical text of a plan's files by `<node>/<file>`, for the inventory's leader or the one named. */
export function filesOf(plan: Plan, leader?: string): Record<string, string> {
  const entries = plan.owners.flatMap((owner) =>
    owner.nodes.flatMap(({ node, variants }) => {
      const variant =
        variants.find((candidate) => candidate.leader === (leader ?? owner.leader)) ?? variants[0]
      const files = variant?.files ?? []
      return files.map(({ name, digest }) => [`${node}/${name}`, canonicalText(plan.blobs.get(digest) ?? '')])
    }),
  )
  return Object.fromEntries(entries)
}

/** The server lines of a file. */
export function serversIn(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line.startsWith('server '))
}

/** One cluster pg-test of three members; `vars` go into its group. */
export function clusterText(vars = '', hostVars: readonly string[] = []): string {
  const member = (i: number, role: string) => {
    const extra = hostVars[i - 1] === undefined ? '' : `, ${hostVars[i - 1]}`
    return `        10.10.10.1${i}: { pg_seq: ${i}, pg_role: ${role}${extra} }`
  }
  return [
    'all:',
    '  children:',
    '    pg-test:',
    '      hosts:',
    member(1, 'primary'),
    member(2, 'replica'),
    member(3, 'replica'),
    '      vars:',
    '        pg_cluster: pg-test',
    ...vars.split('\n').map((line) => `        ${line}`),
    '',
  ].join('\n')
}
