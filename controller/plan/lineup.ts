/** A cluster's members while one of them leads: what selectors see and what servers are made of. */
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Host, Inventory, LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { memberFacts } from '../model/facts.ts'
import { type Checked, type ServerText, serverText } from '../model/member.ts'
import { holdsUnsafe } from '../model/read-back.ts'
import { isFirstRelease } from '../model/release.ts'
import type { Service } from '../model/service.ts'
import type { ServiceServer } from '../render/service-listen.ts'
import type { Datum } from '../select/datum.ts'
import { Row } from '../select/datum.ts'
import { asRows, search } from '../select/select.ts'
import type { Value } from '../values/value.ts'
import { once } from './once.ts'

export interface LineupMember {
  readonly host: Host
  /** As selectors see it. */
  readonly view: HostView
  /** As it renders: with role defaults. */
  readonly renderer: HostView
  readonly row: Row
  /** The renderer as the inventory has it, where this one's role is another. */
  readonly original?: HostView | undefined
}

/** What of a service chooses its members. */
export type Selectors = Pick<Service, 'selector' | 'backup' | 'at' | 'selectorAt' | 'backupAt'>

export interface ChosenMember {
  readonly member: LineupMember
  readonly backup: boolean
  /** Chosen by the selector for backups alone. */
  readonly onlyBackup: boolean
}

/** Values that replace the inventory's, by host. */
export type Overrides = ReadonlyMap<string, ReadonlyMap<string, Value>>

export class Lineup {
  readonly members: readonly LineupMember[]
  private readonly checked: Checked
  /** The mirror only: the member that Ansible shows to selectors a second time, after all others. */
  private readonly echo: readonly LineupMember[]
  private readonly byRow: ReadonlyMap<Row, LineupMember>
  private unsafe: boolean | undefined
  private readonly texts = new Map<Row, ServerText>()
  private readonly results = new Map<string, Datum>()

  /** @param base - lineup whose members are taken over where nothing is replaced */
  constructor(
    loaded: LoadedInventory,
    cluster: Cluster,
    options: { checked: Checked; overrides?: Overrides; base?: Lineup },
  ) {
    const base = new Map(options.base?.members.map((member) => [member.host, member]))
    this.checked = options.checked
    const addresses = cluster.hosts.map((host) => host.name)
    this.members = cluster.hosts.map((host) => {
      const overrides = options.overrides?.get(host.name)
      const original = base.get(host)
      if (overrides === undefined && original !== undefined) return original
      const member = makeMember(loaded, host, { overrides, checked: options.checked, addresses })
      return { ...member, original: original?.renderer }
    })
    const local = this.checked === 'mirrored' ? impliedLocalhost(loaded.inventory) : undefined
    this.echo = this.members.filter((member) => member.host.name === local)
    this.byRow = new Map(this.members.map((member) => [member.row, member]))
  }

  /**
   * The servers of a service: the selected members, then the members of last resort.
   *
   * @throws AppError `SELECTOR_*` or `MEMBER_INVALID`
   */
  servers(service: Service): ServiceServer[] {
    return this.choose(service).map(({ row, backup }) => ({ server: this.text(row), backup }))
  }

  /** As `servers`, but the members themselves. */
  chosen(service: Selectors): ChosenMember[] {
    return this.choose(service).map(({ row, ...rest }) => ({ member: this.memberOf(row), ...rest }))
  }

  private choose(service: Selectors): { row: Row; backup: boolean; onlyBackup: boolean }[] {
    const { selector, backup, at, selectorAt = at, backupAt = at } = service
    const backups = backup === undefined ? [] : this.backups(backup, backupAt)
    const selected = this.rows(selector, selectorAt)
    const late = backups.filter((row) => !selected.includes(row))
    return [
      ...selected.map((row) => ({ row, backup: backups.includes(row), onlyBackup: false })),
      ...late.map((row) => ({ row, backup: true, onlyBackup: true })),
    ]
  }

  /** A service leads to a member once, however often its selector names it. */
  private rows(expression: string, at: Location | undefined): readonly Row[] {
    const rows = asRows(this.search(expression, at))
    if (rows === undefined) {
      throw new AppError('SELECTOR_NOT_MEMBERS', `selector ${expression} does not give a list of members`, {
        at,
        hint: 'a selector ends in the members themselves, e.g. [] or [? pg_role == `replica` ]',
      })
    }
    return this.checked === 'checked' ? [...new Set(rows)] : rows
  }

  private backups(expression: string, at: Location | undefined): readonly Row[] {
    return this.search(expression, at) === null ? [] : this.rows(expression, at)
  }

  private search(expression: string, at: Location | undefined): Datum {
    const known = this.results.get(expression)
    if (known !== undefined) return known
    const rows = [...this.members, ...this.echo].map((member) => member.row)
    const result = search(expression, rows, { textKeys: this.textKeys() }, at)
    this.results.set(expression, result)
    return result
  }

  /** Whether selectors can order by text: the mirror cannot, except in 1.x, where members are plain mappings. */
  private textKeys(): boolean {
    const [first] = this.members
    if (this.checked === 'checked') return true
    return first !== undefined && isFirstRelease(first.renderer) && !this.holdsUnsafe()
  }

  /** Whether any member has text that must not be templated. Reads all variables: for 1.x only. */
  holdsUnsafe(): boolean {
    this.unsafe ??= this.members.some(({ view }) =>
      view.names().some((name) => holdsUnsafe(view.get(name) ?? null)),
    )
    return this.unsafe
  }

  private text(row: Row): ServerText {
    const known = this.texts.get(row)
    if (known !== undefined) return known
    const text = serverText(this.memberOf(row).view, this.checked)
    this.texts.set(row, text)
    return text
  }

  /** The same host's renderer in the lineup that this one is based on. */
  originalOf(renderer: HostView): HostView | undefined {
    return this.members.find((member) => member.renderer === renderer)?.original
  }

  private memberOf(row: Row): LineupMember {
    const member = this.byRow.get(row)
    if (member === undefined) throw new Error('a row of another cluster')
    return member
  }
}

const bases = { checked: new WeakMap<Cluster, Lineup>(), mirrored: new WeakMap<Cluster, Lineup>() }

/**
 * The lineup of a cluster as the inventory has it, made once: plan, placement and clashes read the same variables.
 *
 * @param cluster - of the index of `loaded`
 */
export function baseLineup(loaded: LoadedInventory, cluster: Cluster, checked: Checked): Lineup {
  const known = bases[checked].get(cluster)
  if (known !== undefined) return known
  const fresh = new Lineup(loaded, cluster, { checked })
  bases[checked].set(cluster, fresh)
  return fresh
}

/** Looked for once: every lineup of every cluster asks. */
const implied = new WeakMap<Inventory, string | undefined>()

/** Ansible adds `localhost` to every inventory; the first host named by a loopback address stands for it. */
function impliedLocalhost(inventory: Inventory): string | undefined {
  if (!implied.has(inventory)) implied.set(inventory, findLocalhost(inventory))
  return implied.get(inventory)
}

function findLocalhost(inventory: Inventory): string | undefined {
  const names = [...inventory.hosts.keys()].filter((name) => ['localhost', '127.0.0.1', '::1'].includes(name))
  return names.includes('localhost') ? undefined : names[0]
}

interface MemberSetting {
  readonly overrides: ReadonlyMap<string, Value> | undefined
  readonly checked: Checked
  /** Of all members of the cluster. */
  readonly addresses: readonly string[]
}

function makeMember(loaded: LoadedInventory, host: Host, setting: MemberSetting): LineupMember {
  const { inventory, defaults } = loaded
  const { overrides, checked, addresses } = setting
  const keepUndefined = checked === 'mirrored'
  const plain = new HostView(inventory, host, { overrides, defaults, keepUndefined })
  // 1.x renders before any fact is set.
  const isBare = once(() => checked === 'mirrored' && isFirstRelease(plain))
  const facts = once(() => (isBare() ? new Map<string, Value>() : memberFacts(plain, addresses)))
  // Ansible leaves text with an undefined reference alone when a selector reads it.
  const view = new HostView(inventory, host, { overrides, facts, keepUndefined })
  const renderer = new HostView(inventory, host, { overrides, facts, defaults, keepUndefined: false })
  return { host, view, renderer, row: new Row((name) => view.get(name)) }
}
