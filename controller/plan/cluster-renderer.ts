/** Renders a cluster's services for its nodes, while one member leads. */

import { AppError } from '../../shared/errors/app-error.ts'
import type { FileRef, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import { checkService } from '../model/check-service.ts'
import { clusterDefinitions, type Definition, fieldsOf } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { nameTypeFault } from '../model/identity.ts'
import { type Checked, instanceOf } from '../model/member.ts'
import { mirrorService } from '../model/mirror-service.ts'
import { handsMembersOn, misplacesCheckPort, type Release } from '../model/release.ts'
import type { Service, ServiceDefaults } from '../model/service.ts'
import { defaultTimings } from '../model/timings.ts'
import { carrierVip, type Vip } from '../model/vip.ts'
import type { Listen } from '../render/listen.ts'
import { withoutRetries, withServerStates } from '../render/own-lines.ts'
import { type ServiceServer, serviceListen } from '../render/service-listen.ts'
import { pyRepr, pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import type { Dict, Value } from '../values/value.ts'
import type { BlobStore } from './blob-store.ts'
import { type RenderedService, renderFirst } from './first-renderer.ts'
import { mustReadBack } from './handed-on.ts'
import type { Lineup } from './lineup.ts'
import { once } from './once.ts'
import type { ProblemList } from './problem-list.ts'

export interface RenderedNode {
  /** Sorted by name. */
  readonly files: readonly FileRef[]
  /** In the order of definition. */
  readonly services: readonly ServiceInfo[]
}

/**
 * A cluster's files by definition, then by what else they depend on: the servers of most services are the same
 * whoever leads.
 */
export type WrittenFiles = Map<Dict, Map<string, FileRef>>

interface Setting {
  readonly cluster: string
  readonly checked: Checked
  readonly release: Release
  readonly blobs: BlobStore
  /** Shared by all variants of the cluster. */
  readonly written: WrittenFiles
  readonly problems: ProblemList
}

/** What a rendering host adds to a definition. */
interface HostDefaults {
  readonly destination: Value
  readonly destinationFrom: ServiceDefaults['destinationFrom']
  readonly timings: string | AppError
  /** Equal for hosts that render alike. */
  readonly key: string
}

type Rendered = RenderedService | AppError

interface Given {
  readonly definitions: readonly Definition[]
  readonly defaults: HostDefaults
  /** Nothing of it depends on the host's role. */
  readonly isConstant: boolean
}

/** A host has the same view in all variants that leave its role alone, and renders with the same there. */
const givens = new WeakMap<HostView, Given>()

export class ClusterRenderer {
  private readonly lineup: Lineup
  private readonly setting: Setting
  /** Members share their definitions as a rule: what one rendered is what the next would. */
  private readonly rendered = new Map<Dict, Map<string, Rendered>>()

  constructor(lineup: Lineup, setting: Setting) {
    this.lineup = lineup
    this.setting = setting
  }

  /**
   * What the given member renders for a node; what fails goes to the problems.
   *
   * @param carrier - the node, with role defaults
   */
  node(view: HostView, carrier: HostView): RenderedNode {
    const files = new Map<string, FileRef>()
    const services = new Map<string, ServiceInfo>()
    for (const result of this.attempt(view, carrier)) {
      if (result instanceof AppError) {
        this.setting.problems.add(result)
        continue
      }
      files.set(result.file.name, result.file)
      services.set(result.info.name, result.info)
    }
    const sorted = [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    return { files: sorted, services: [...services.values()] }
  }

  private attempt(view: HostView, carrier: HostView): Rendered[] {
    const { checked, release } = this.setting
    try {
      if (checked === 'mirrored') requireTextName(view)
      if (checked === 'mirrored' && release.major < 2) return renderFirst(this.lineup, view, this.setting)
      if (checked === 'mirrored') requireIdentity(view)
      if (checked === 'mirrored' && handsMembersOn(release)) mustReadBack(this.lineup, view)
      const { definitions, defaults } = this.given(view)
      const vip = once(() => carrierVip(carrier, this.setting.cluster))
      return definitions.map((definition) => this.known(definition, defaults, vip))
    } catch (error) {
      return [asAppError(error)]
    }
  }

  private given(view: HostView): Given {
    const known = givens.get(view)
    if (known !== undefined) return known
    const fresh = this.originalGiven(view) ?? this.freshGiven(view)
    givens.set(view, fresh)
    return fresh
  }

  /** What the host renders with in the inventory's own role, when that does not depend on the role. */
  private originalGiven(view: HostView): Given | undefined {
    const original = this.lineup.originalOf(view)
    const given = original && givens.get(original)
    return given?.isConstant ? given : undefined
  }

  private freshGiven(view: HostView): Given {
    const defaults = this.hostDefaults(view)
    const definitions = clusterDefinitions(view, this.setting.checked)
    return { defaults, definitions, isConstant: !view.hasReadRole }
  }

  private hostDefaults(view: HostView): HostDefaults {
    const { checked, release } = this.setting
    const own = defaultDestination(view, checked)
    // null is a value too, so ?? will not do.
    const destination = own === undefined ? 'postgres' : own
    const timings = attempt(() => defaultTimings(view, checked, release))
    const key = `${pyRepr(destination)} ${timings instanceof AppError ? timings.message : timings}`
    const destinationFrom = { host: view.name, at: locate(view.spot('pg_default_service_dest')) }
    return { destination, destinationFrom, timings, key }
  }

  private known(definition: Definition, defaults: HostDefaults, vip: () => Vip): Rendered {
    const byHost = this.rendered.get(definition.dict) ?? new Map<string, Rendered>()
    this.rendered.set(definition.dict, byHost)
    const key = defaults.key + (definition.dict.get('ip') === 'vip' ? vipKey(vip) : '')
    const known = byHost.get(key)
    if (known !== undefined) return known
    const fresh = attempt(() => this.service(definition, defaults, { vip, key }))
    byHost.set(key, fresh)
    return fresh
  }

  private service(
    definition: Definition,
    defaults: HostDefaults,
    { vip, key }: { vip: () => Vip; key: string },
  ) {
    const { cluster, checked, release } = this.setting
    const name = definition.dict.get('name')
    const what = `service ${name === undefined ? '?' : pyText(name)} of ${cluster}`
    const fields = fieldsOf(definition, what)
    const given = { ...defaults, vip, misplacesCheckPort: misplacesCheckPort(release) }
    const service =
      checked === 'checked' ? checkService(definition, fields, given) : mirrorService(fields, given)
    const servers = saying(what, () => this.lineup.servers(service))
    // The template works the timings out first, whether it needs them or not.
    const needsTimings = service.options === undefined || checked === 'mirrored'
    if (needsTimings && defaults.timings instanceof AppError) throw defaults.timings
    const timings = defaults.timings instanceof AppError ? '' : defaults.timings
    const pigstys = serviceListen(cluster, service, servers, timings)
    const file = this.file(definition, `${key}\n${pigstys.servers.join('\n')}`, pigstys)
    return { file, info: infoOf(pigstys.name, service, servers) }
  }

  /** @param key - what the section depends on beside its definition */
  private file({ dict }: Definition, key: string, pigstys: Listen): FileRef {
    const { cluster, checked, blobs, written } = this.setting
    const byKey = written.get(dict) ?? new Map<string, FileRef>()
    written.set(dict, byKey)
    const known = byKey.get(key)
    if (known !== undefined) return known
    const listen = checked === 'checked' ? withServerStates(withoutRetries(pigstys)) : pigstys
    const fresh = blobs.addListen(listen, cluster)
    byKey.set(key, fresh)
    return fresh
  }
}

function vipKey(vip: () => Vip): string {
  const address = attempt(() => vip().address() ?? '')
  return ` ${address instanceof AppError ? address.message : address}`
}

/** A selector knows neither its service nor its cluster. */
function saying<T>(what: string, choose: () => T): T {
  try {
    return choose()
  } catch (error) {
    const { code, message, at, hint } = asAppError(error)
    if (!code.startsWith('SELECTOR_')) throw error
    throw new AppError(code, `${what}: ${message}`, { at, hint, cause: error })
  }
}

function infoOf(name: string, service: Service, servers: readonly ServiceServer[]): ServiceInfo {
  const port = Number(service.port)
  return {
    name,
    port: Number.isInteger(port) ? port : 0,
    check: service.check,
    servers: servers.map(({ server }) => server.instance),
    backups: servers.filter(({ backup }) => backup).map(({ server }) => server.instance),
  }
}

/** In the template a reference to nothing counts as no value. */
function defaultDestination(view: HostView, checked: Checked): Value | undefined {
  try {
    return view.get('pg_default_service_dest')
  } catch (error) {
    const fault = asAppError(error)
    if (checked === 'mirrored' && fault.code === 'TEMPLATE_UNDEFINED') return undefined
    throw fault
  }
}

/** Without these Pigsty gives up on a host before it renders anything there. */
function requireIdentity(view: HostView): void {
  instanceOf(view)
  if (view.get('pg_role') !== undefined) return
  throw new AppError('MEMBER_INVALID', `host ${view.name}: pg_role is missing`, { at: locate(view.place) })
}

/** Pigsty compares a member's pg_cluster with text: one that is a number or a boolean has no members there. */
function requireTextName(view: HostView): void {
  const fault = nameTypeFault(view)
  if (fault !== undefined) throw fault
}

function attempt<T>(run: () => T): T | AppError {
  try {
    return run()
  } catch (error) {
    return asAppError(error)
  }
}
