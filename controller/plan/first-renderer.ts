/**
 * A member's services as Pigsty 1.x renders them: all of them in one file, so one that fails leaves them all
 * unwritten. Each is shown as a file of its own here.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { FileRef, ServiceInfo } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import { clusterDefinitions, fieldsOf } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { type FirstService, firstService } from '../model/first-service.ts'
import { instanceOf } from '../model/member.ts'
import { lostIn } from '../model/read-back.ts'
import { firstListen } from '../render/first-listen.ts'
import { renderListen } from '../render/listen.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import type { BlobStore } from './blob-store.ts'
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
  if (definitions.length > 0)
    for (const member of lineup.members) mustReadBack(member.view, view, lineup.holdsUnsafe())
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

/** Members are handed to the template as text, all variables of them: one that is lost loses the list. */
function mustReadBack(member: HostView, renderer: HostView, isUnsafe: boolean): void {
  for (const name of member.names()) {
    const lost = lostIn(member.get(name) ?? null)
    if (lost === undefined) continue
    if (lost.kind === 'reference' && (isUnsafe || isKnown(renderer, lost.text))) continue
    throw new AppError(
      'MEMBER_UNREADABLE',
      `host ${member.name}: Pigsty 1.x fails on ${name}, because of ${lost.text}`,
      {
        at: locate(member.spot(name)),
        hint: 'put dates into quotes, and define what templates refer to',
      },
    )
  }
}

/** What led nowhere on the member is read again where it is rendered, with role defaults. */
function isKnown(renderer: HostView, text: string): boolean {
  try {
    renderer.template('a variable of a member', text)
    return true
  } catch (error) {
    asAppError(error)
    return false
  }
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
