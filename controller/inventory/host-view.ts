/**
 * A host's variables as Ansible hands them out: templated when read, and only then.
 *
 * A selector sees a host without role defaults; the host that renders has them as its weakest values.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { Lookup, Missing, type Operand } from '../template/operand.ts'
import { isConstant, type TemplateScope, templateValue } from '../template/template.ts'
import { TemplateError, unsupported } from '../template/template-error.ts'
import { locate, type Spot } from '../values/spot.ts'
import { Dict, type Key, type Value } from '../values/value.ts'
import { type Host, type Inventory, type Variable, variableOf } from './inventory.ts'
import { isAnsiblesOwn, isGlobal, isLeaderFact, reasonUnknown, staticKeys } from './known-names.ts'

export interface ViewOptions {
  /** Role defaults; absent for a host seen by a selector. */
  readonly defaults?: Dict | undefined
  /** Values that replace what the inventory says. */
  readonly overrides?: ReadonlyMap<string, Value> | undefined
  /** What is worked out about the host; stronger than anything written. Asked for when one of them is read. */
  readonly facts?: (() => ReadonlyMap<string, Value>) | undefined
  /** Text with an undefined reference stays as it is instead of failing. */
  readonly keepUndefined: boolean
}

export class HostView {
  readonly host: Host
  private readonly inventory: Inventory
  private readonly options: ViewOptions
  private readonly values = new Map<string, Value>()
  /** Values as other templates of this host see them: an undefined reference in them makes them undefined. */
  private readonly resolved = new Map<string, Operand>()
  private readonly reading = new Set<string>()
  private readsRole = false
  private readonly scope: TemplateScope

  constructor(inventory: Inventory, host: Host, options: ViewOptions) {
    this.inventory = inventory
    this.host = host
    this.options = options
    this.scope = { raw: (name) => this.raw(name), resolve: (name) => this.resolve(name) }
  }

  get name(): string {
    return this.host.name
  }

  /** Whether anything read till now depends on the host's role, or may: then it is another when another member leads. */
  get hasReadRole(): boolean {
    return this.readsRole
  }

  /**
   * The templated value of a variable; undefined when there is none.
   *
   * @throws AppError `TEMPLATE_*` or `VAULT_VALUE`, naming the variable, the host and the place
   */
  get(name: string): Value | undefined {
    const known = this.values.get(name)
    if (known !== undefined) return known
    const raw = this.raw(name)
    const reason = this.refusal(name, raw)
    if (reason !== undefined) throw this.failure(name, unsupported(reason), this.spot(name))
    if (raw === undefined) return undefined
    const value = this.isRendering ? this.template(name, raw) : this.shown(name, raw)
    this.values.set(name, value)
    return value
  }

  /** A selector sees a host without role defaults, and as it is between plays. */
  private get isRendering(): boolean {
    return this.options.defaults !== undefined
  }

  /** As hostvars show a value: some keys of a mapping are not templated. */
  private shown(name: string, raw: Value): Value {
    if (!(raw instanceof Dict) || ![...raw.keys()].some((key) => staticKeys.has(String(key)))) {
      return this.template(name, raw)
    }
    const out = new Dict(raw)
    for (const [key, item] of raw) {
      const spot = raw.spots.get(key)
      if (spot !== undefined) out.spots.set(key, spot)
      if (!staticKeys.has(String(key))) out.set(key, this.template(name, item, spot))
    }
    return out
  }

  /** Where the host itself stands. */
  get place(): Spot | undefined {
    return this.host.spot
  }

  /** Whether the inventory or the role defaults have a variable, whatever its value. */
  isWritten(name: string): boolean {
    return this.lookUp(name) !== undefined
  }

  /** Where a variable's value stands. */
  spot(name: string): Spot | undefined {
    return this.lookUp(name)?.spot
  }

  /**
   * Evaluates templates in a value on behalf of this host.
   *
   * @param name - what the value is, for messages
   */
  template(name: string, raw: Value, spot?: Spot | undefined): Value {
    if (isConstant(raw)) return raw
    const place = spot ?? this.spot(name)
    this.reading.add(name)
    try {
      return templateValue(raw, this.scope, this.options, place)
    } catch (error) {
      if (error instanceof TemplateError) throw this.failure(name, error, place)
      throw error
    } finally {
      this.reading.delete(name)
    }
  }

  private resolve(name: string): Operand {
    const known = this.resolved.get(name)
    if (known !== undefined) return known
    const value = this.resolveNew(name)
    this.resolved.set(name, value)
    return value
  }

  private resolveNew(name: string): Operand {
    // Ansible has no hostvars while it reads a variable for hostvars.
    if (name === 'hostvars' && this.isRendering) return new Lookup('hostvars', (host) => this.peer(host))
    const raw = this.raw(name)
    const reason = this.refusal(name, raw)
    if (reason !== undefined) throw unsupported(reason)
    if (raw !== undefined) return this.resolveRaw(name, raw)
    if (isGlobal(name)) throw unsupported(`${name}: a function of Ansible's`)
    return new Missing(name)
  }

  /** Why Ansible may have a value for the name that is not known here. */
  private refusal(name: string, raw: Value | undefined): string | undefined {
    if (this.options.facts !== undefined && isLeaderFact(name)) {
      return `${name}: a fact that Pigsty's playbook sets and that is not worked out here`
    }
    return raw === undefined ? reasonUnknown(name, this.isRendering) : undefined
  }

  /** Another host, or this one, as hostvars show it. */
  private peer(name: string): Operand {
    this.readsRole = true
    const host = this.inventory.hosts.get(name)
    if (host === undefined) {
      if (['localhost', '127.0.0.1', '::1'].includes(name)) throw unsupported(`hostvars of ${name}`)
      return new Missing(`hostvars['${name}']`)
    }
    const { overrides, facts } = this.options
    const isSelf = host === this.host
    const view = new HostView(
      this.inventory,
      host,
      isSelf ? { overrides, facts, keepUndefined: false } : strict,
    )
    return new Lookup(`host ${name}`, (variable) => {
      if (!isSelf && (variable === 'pg_role' || factNames.has(variable) || isLeaderFact(variable))) {
        throw unsupported(`${variable} of another host (it depends on who leads, or on the play)`)
      }
      const value = view.get(variable)
      return value === undefined ? new Missing(`${variable} of host ${name}`) : value
    })
  }

  private resolveRaw(name: string, raw: Value): Operand {
    if (isConstant(raw)) return raw
    if (this.reading.has(name)) throw new TemplateError('cycle', `${name} refers to itself`, this.spot(name))
    this.reading.add(name)
    try {
      return templateValue(raw, this.scope, { keepUndefined: false }, this.spot(name))
    } catch (error) {
      if (error instanceof TemplateError && error.kind === 'undefined') return new Missing(error.what)
      throw error
    } finally {
      this.reading.delete(name)
    }
  }

  private raw(name: string): Value | undefined {
    if (name === 'pg_role' || factNames.has(name)) this.readsRole = true
    if (isAnsiblesOwn(name, this.isRendering)) return undefined
    const found = this.magic(name) ?? this.fact(name) ?? this.options.overrides?.get(name)
    return found ?? this.lookUp(name)?.value
  }

  private fact(name: string): Value | undefined {
    return factNames.has(name) ? this.options.facts?.().get(name) : undefined
  }

  private lookUp(name: string): Variable | undefined {
    const own = variableOf(this.host, name)
    const fallback = own === undefined ? this.options.defaults?.get(name) : undefined
    return fallback === undefined ? own : { value: fallback, spot: this.options.defaults?.spots.get(name) }
  }

  /** Names of all variables, without role defaults; the strongest layer's come last. */
  names(): string[] {
    const names = new Set<string>()
    for (const { vars } of [...this.host.layers].reverse()) {
      for (const key of vars.keys()) names.add(keyText(key))
    }
    for (const name of magicNames) names.add(name)
    return [...names]
  }

  private magic(name: string): Value | undefined {
    switch (name) {
      case 'inventory_hostname':
        return this.host.name
      case 'inventory_hostname_short':
        return shortName(this.host.name)
      case 'group_names':
        return this.host.groupNames
      case 'inventory_file':
        return this.inventory.file
      case 'groups':
        return groupsOf(this.inventory)
      default:
        return undefined
    }
  }

  private failure(name: string, error: TemplateError, spot: Spot | undefined): AppError {
    const code = {
      undefined: 'TEMPLATE_UNDEFINED',
      unsupported: 'TEMPLATE_UNSUPPORTED',
      cycle: 'TEMPLATE_CYCLE',
      vault: 'VAULT_VALUE',
    }
    return new AppError(code[error.kind], `${name} of host ${this.name}: ${error.message}`, {
      at: locate(error.spot ?? spot),
      hint: hints[error.kind],
    })
  }
}

const strict: ViewOptions = { keepUndefined: false }

const hints = {
  undefined: 'define the variable for this host, or give it a default() in the template',
  unsupported: 'write the value itself; docs/inventory.md lists the expressions that are understood',
  cycle: 'give one of the variables a value of its own',
  vault: 'services and selectors cannot use encrypted values',
}

/** Names that facts can have: only these are asked for. */
const factNames = new Set([
  'nodename',
  'node_cluster',
  'pg_instance',
  'pg_service',
  'pg_shard',
  'pg_group',
  'pg_is_primary',
  'pg_cluster_size',
  'pg_cluster_members',
])

const octet = '(?:[01]?\\d?\\d|2[0-4]\\d|25[0-5])'
const address = new RegExp(`^${octet}(?:\\.${octet}){3}$`)

/** The name up to its first dot; an address is taken whole. */
function shortName(name: string): string {
  return address.test(name) ? name : (name.split('.')[0] ?? name)
}

const magicNames = [
  'inventory_hostname',
  'inventory_hostname_short',
  'group_names',
  'inventory_file',
  'groups',
]

function keyText(key: Key): string {
  return String(key)
}

const groupDicts = new WeakMap<Inventory, Dict>()

function groupsOf(inventory: Inventory): Dict {
  const known = groupDicts.get(inventory)
  if (known !== undefined) return known
  const dict = new Dict([...inventory.groups.values()].map((group) => [group.name, group.hosts] as const))
  groupDicts.set(inventory, dict)
  return dict
}
