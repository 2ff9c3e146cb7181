/** The plan of a node's own haproxy_services. */
import { type FileRef, nodeOwner, type ServiceInfo } from '../../shared/model/snapshot.ts'
import { HostView } from '../inventory/host-view.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { type Definition, fieldsOf, nodeDefinitions } from '../model/definitions.ts'
import { nodeFacts } from '../model/facts.ts'
import { asAppError } from '../model/fault.ts'
import type { Checked } from '../model/member.ts'
import { nodeService } from '../model/node-service.ts'
import { isFirstRelease, nestsNodeLimits, releaseOf } from '../model/release.ts'
import { ownVip } from '../model/vip.ts'
import { nodeListen } from '../render/node-listen.ts'
import { withServerStates } from '../render/own-lines.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import type { BlobStore } from './blob-store.ts'
import { once } from './once.ts'
import type { OwnerPlan, OwnerResult } from './owner-plan.ts'
import { ProblemList } from './problem-list.ts'

/** Plans a node's own services; a node without any gets a plan without files. */
export function planNode(
  loaded: LoadedInventory,
  host: Host,
  checked: Checked,
  blobs: BlobStore,
): OwnerResult {
  const owner = nodeOwner(host.name)
  const problems = new ProblemList(owner)
  const files = new Map<string, FileRef>()
  const services = new Map<string, ServiceInfo>()
  for (const definition of definitionsOf(loaded, host, checked, problems)) {
    try {
      const { file, info } = renderOne(definition, { loaded, host, checked }, blobs)
      files.set(file.name, file)
      services.set(info.name, info)
    } catch (error) {
      problems.add(asAppError(error))
    }
  }
  const variant = {
    leader: '',
    files: [...files.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    services: [...services.values()],
  }
  const nodes = [{ node: host.name, variants: [variant] }]
  const draft: OwnerPlan = { owner, provider: '', leader: '', members: [], nodes }
  // The mirror writes what Pigsty leaves on disk, even beside a service that fails.
  const isRefused = checked === 'checked' && problems.hasErrors
  return { plan: isRefused ? undefined : draft, draft, problems: problems.all }
}

function definitionsOf(
  loaded: LoadedInventory,
  host: Host,
  checked: Checked,
  problems: ProblemList,
): readonly Definition[] {
  let isEnabled = false
  try {
    const view = viewOf(loaded, host)
    // 1.x has no services of nodes.
    if (checked === 'mirrored' && isFirstRelease(view)) return []
    isEnabled = hasHaproxy(view)
    return isEnabled ? nodeDefinitions(view, checked) : []
  } catch (error) {
    const fault = asAppError(error)
    // Pigsty asks whether haproxy_services is defined; a reference to nothing in it means that it is not.
    const isSkipped = isEnabled && checked === 'mirrored' && fault.code === 'TEMPLATE_UNDEFINED'
    problems.add(fault, isSkipped ? 'warning' : 'error')
    return []
  }
}

/**
 * The definitions of a node's own services; none when haproxy_enabled is off.
 *
 * @throws AppError when they cannot be evaluated
 */
export function ownDefinitions(loaded: LoadedInventory, host: Host): Definition[] {
  const view = viewOf(loaded, host)
  return hasHaproxy(view) ? nodeDefinitions(view, 'checked') : []
}

function hasHaproxy(view: HostView): boolean {
  const enabled = view.get('haproxy_enabled')
  return enabled === undefined || ansibleBool(enabled)
}

function viewOf(loaded: LoadedInventory, host: Host): HostView {
  const options = { defaults: loaded.defaults, keepUndefined: false }
  const plain = new HostView(loaded.inventory, host, options)
  return new HostView(loaded.inventory, host, { ...options, facts: once(() => nodeFacts(plain)) })
}

function renderOne(
  definition: Definition,
  { loaded, host, checked }: { loaded: LoadedInventory; host: Host; checked: Checked },
  blobs: BlobStore,
) {
  const name = definition.dict.get('name')
  const what = `service ${name === undefined ? '?' : pyText(name)} of node ${host.name}`
  const service = nodeService(definition, fieldsOf(definition, what), {
    checked,
    vip: () => ownVip(viewOf(loaded, host)),
    nestsLimits: checked === 'mirrored' && nestsNodeLimits(releaseOf(viewOf(loaded, host), loaded.defaults)),
  })
  const pigstys = nodeListen(service)
  const listen = checked === 'checked' ? withServerStates(pigstys) : pigstys
  const port = Number(service.port)
  const info: ServiceInfo = {
    name: listen.name,
    port: Number.isInteger(port) ? port : 0,
    check: '',
    servers: service.servers.map((server) => server.name),
    backups: service.servers.filter((server) => server.backup).map((server) => server.name),
  }
  return { file: blobs.addListen(listen, nodeOwner(host.name)), info }
}
