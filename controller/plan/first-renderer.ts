/**
 * A member's services as Pigsty 1.x renders them: all of them in one file, so one that fails leaves them all
 * unwritten. Each is shown as a file of its own here.
 */
import type { FileRef, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import { clusterDefinitions, fieldsOf } from '../model/definitions.ts'
import { type FirstService, firstService } from '../model/first-service.ts'
import { instanceOf } from '../model/member.ts'
import { firstListen } from '../render/first-listen.ts'
import { renderListen } from '../render/listen.ts'
import { pyText } from '../values/py-text.ts'
import type { BlobStore } from './blob-store.ts'
import { mustReadBack } from './handed-on.ts'
import type { ChosenMember, Lineup } from './lineup.ts'

export interface RenderedService {
  readonly file: FileRef
  readonly info: ServiceInfo
}

export interface FirstSetting {
  readonly cluster: string
  readonly blobs: BlobStore
}

/** @throws AppError where the template fails: nothing of the host is written then */
export function renderFirst(
  lineup: Lineup,
  view: HostView,
  { cluster, blobs }: FirstSetting,
): RenderedService[] {
  instanceOf(view)
  const definitions = clusterDefinitions(view, 'mirrored')
  if (definitions.length > 0) mustReadBack(lineup, view)
  return definitions.map((definition) => {
    const name = definition.dict.get('name')
    const fields = fieldsOf(definition, `service ${name === undefined ? '?' : pyText(name)} of ${cluster}`)
    const service = firstService(fields, view)
    const chosen = lineup.chosen({ ...service, at: definition.at })
    const servers = chosen.map(({ member, ...place }) => service.server(member.view, place))
    const listen = firstListen(cluster, service, servers)
    const file = blobs.add(`${listen.name}.cfg`, renderListen(listen, cluster))
    return { file, info: infoOf(listen.name, service, chosen) }
  })
}

function infoOf(name: string, service: FirstService, chosen: readonly ChosenMember[]): ServiceInfo {
  const port = Number(service.port)
  return {
    name,
    port: Number.isInteger(port) ? port : 0,
    check: service.check?.path ?? '',
    servers: chosen.map(({ member }) => instanceOf(member.view)),
    backups: chosen.filter(({ backup }) => backup).map(({ member }) => instanceOf(member.view)),
  }
}
