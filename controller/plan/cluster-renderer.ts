/** Renders a cluster's services for its nodes, while one member leads. */

import { AppError } from '../../shared/errors/app-error.ts'
import type { FileRef, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import { pyRepr, pyText } from '../inventory/py-text.ts'
import type { Dict, Value } from '../inventory/value.ts'
import { checkService } from '../model/check-service.ts'
import { clusterDefinitions, type Definition } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { Fields } from '../model/fields.ts'
import type { Checked } from '../model/member.ts'
import { mirrorService } from '../model/mirror-service.ts'
import { misplacesCheckPort, type Release } from '../model/release.ts'
import type { Service } from '../model/service.ts'
import { defaultTimings } from '../model/timings.ts'
import { renderListen } from '../render/listen.ts'
import { type ServiceServer, serviceListen } from '../render/service-listen.ts'
import type { BlobStore } from './blob-store.ts'
import type { Lineup } from './lineup.ts'
import type { ProblemList } from './problem-list.ts'

export interface RenderedNode {
  /** Sorted by name. */
  readonly files: readonly FileRef[]
  /** In the order of definition. */
  readonly services: readonly ServiceInfo[]
}

interface Setting {
  readonly cluster: string
  readonly checked: Checked
  readonly release: Release
  readonly blobs: BlobStore
  readonly problems: ProblemList
}

/** What a rendering host adds to a definition. */
interface HostDefaults {
  readonly destination: Value
  readonly timings: string | AppError
  /** Equal for hosts that render alike. */
  readonly key: string
}

type Rendered = { readonly file: FileRef; readonly info: ServiceInfo } | AppError

export class ClusterRenderer {
  private readonly lineup: Lineup
  private readonly setting: Setting
  /** Members share their definitions as a rule: what one rendered is what the next would. */
  private readonly rendered = new Map<Dict, Map<string, Rendered>>()

  constructor(lineup: Lineup, setting: Setting) {
    this.lineup = lineup
    this.setting = setting
  }

  /** What the given member renders; what fails goes to the problems. */
  node(view: HostView): RenderedNode {
    const files: FileRef[] = []
    const services: ServiceInfo[] = []
    for (const result of this.attempt(view)) {
      if (result instanceof AppError) {
        this.setting.problems.add(result)
        continue
      }
      files.push(result.file)
      services.push(result.info)
    }
    return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)), services }
  }

  private attempt(view: HostView): Rendered[] {
    try {
      const defaults = this.hostDefaults(view)
      return clusterDefinitions(view, this.setting.checked).map((definition) =>
        this.known(definition, defaults),
      )
    } catch (error) {
      return [asAppError(error)]
    }
  }

  private hostDefaults(view: HostView): HostDefaults {
    const destination = view.get('pg_default_service_dest') ?? 'postgres'
    const timings = attempt(() => defaultTimings(view, this.setting.checked))
    const key = `${pyRepr(destination)} ${timings instanceof AppError ? timings.message : timings}`
    return { destination, timings, key }
  }

  private known(definition: Definition, defaults: HostDefaults): Rendered {
    const byHost = this.rendered.get(definition.dict) ?? new Map<string, Rendered>()
    this.rendered.set(definition.dict, byHost)
    const known = byHost.get(defaults.key)
    if (known !== undefined) return known
    const fresh = attempt(() => this.service(definition, defaults))
    byHost.set(defaults.key, fresh)
    return fresh
  }

  private service(definition: Definition, defaults: HostDefaults) {
    const { cluster, checked, release, blobs } = this.setting
    const name = definition.dict.get('name')
    const what = `service ${name === undefined ? '?' : pyText(name)} of ${cluster}`
    const read = checked === 'checked' ? checkService : mirrorService
    const service = read(new Fields(definition.dict, what, definition.at), {
      destination: defaults.destination,
      misplacesCheckPort: misplacesCheckPort(release),
    })
    const servers = this.lineup.servers(service)
    if (service.options === undefined && defaults.timings instanceof AppError) throw defaults.timings
    const timings = defaults.timings instanceof AppError ? '' : defaults.timings
    const listen = serviceListen(cluster, service, servers, timings)
    const file = blobs.add(`${listen.name}.cfg`, renderListen(listen, cluster))
    return { file, info: infoOf(listen.name, service, servers) }
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

function attempt<T>(run: () => T): T | AppError {
  try {
    return run()
  } catch (error) {
    return asAppError(error)
  }
}
