/** The plan of a node's own haproxy_services. */
import { type FileRef, nodeOwner, type ServiceInfo } from '../../shared/model/snapshot.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { ansibleBool, pyText } from '../inventory/py-text.ts'
import { type Definition, nodeDefinitions } from '../model/definitions.ts'
import { asAppError } from '../model/fault.ts'
import { Fields } from '../model/fields.ts'
import type { Checked } from '../model/member.ts'
import { nodeService } from '../model/node-service.ts'
import { renderListen } from '../render/listen.ts'
import { nodeListen } from '../render/node-listen.ts'
import type { BlobStore } from './blob-store.ts'
import type { OwnerPlan, Problem } from './owner-plan.ts'
import { ProblemList } from './problem-list.ts'

/** Plans a node's own services; a node without any gets a plan without files. */
export function planNode(
  loaded: LoadedInventory,
  host: Host,
  checked: Checked,
  blobs: BlobStore,
): { plan: OwnerPlan | undefined; problems: readonly Problem[] } {
  const owner = nodeOwner(host.name)
  const problems = new ProblemList(owner)
  const files = new Map<string, FileRef>()
  const services = new Map<string, ServiceInfo>()
  try {
    for (const definition of ownDefinitions(loaded, host)) {
      const { file, info } = renderOne(definition, host, checked, blobs)
      files.set(file.name, file)
      services.set(info.name, info)
    }
  } catch (error) {
    problems.add(asAppError(error))
  }
  if (problems.hasErrors) return { plan: undefined, problems: problems.all }
  const variant = {
    leader: '',
    files: [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    services: [...services.values()],
  }
  const nodes = [{ node: host.name, variants: [variant] }]
  return { plan: { owner, provider: '', leader: '', members: [], nodes }, problems: problems.all }
}

/**
 * The definitions of a node's own services; none when haproxy_enabled is off.
 *
 * @throws AppError when they cannot be evaluated
 */
export function ownDefinitions(loaded: LoadedInventory, host: Host): Definition[] {
  const view = new HostView(loaded.inventory, host, { defaults: loaded.defaults, keepUndefined: false })
  return ansibleBool(view.get('haproxy_enabled') ?? true) ? nodeDefinitions(view) : []
}

function renderOne(definition: Definition, host: Host, checked: Checked, blobs: BlobStore) {
  const name = definition.dict.get('name')
  const what = `service ${name === undefined ? '?' : pyText(name)} of node ${host.name}`
  const service = nodeService(new Fields(definition.dict, what, definition.at), checked)
  const listen = nodeListen(service)
  const port = Number(service.port)
  const info: ServiceInfo = {
    name: listen.name,
    port: Number.isInteger(port) ? port : 0,
    check: '',
    servers: service.servers.map((server) => server.name),
    backups: service.servers.filter((server) => server.backup).map((server) => server.name),
  }
  return { file: blobs.add(`${listen.name}.cfg`, renderListen(listen, nodeOwner(host.name))), info }
}
