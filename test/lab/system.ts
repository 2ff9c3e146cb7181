/** pgsvc on the hosts of a lab: admin host with controller, nodes with HAProxy and agent; the databases are stand-ins. */
import { readFile, writeFile } from 'node:fs/promises'
import { startHaproxy, workerPid } from './haproxy.ts'
import type { Host, HostAccess, HostProcess, HostSpec } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import {
  enroll,
  ensureBuilt,
  INVENTORY_FILE,
  mustShell,
  prepareController,
  type Settings,
  shell,
  startAgent,
  startController,
} from './pgsvc.ts'
import { type RunResult, waitFor } from './process.ts'
import type { Ask } from './proof.ts'
import { type Role, startStandIn, whoAnswers } from './services.ts'
import { ADMIN, DELEGATED, INVENTORY, MEMBERS, PROXIES } from './topology.ts'

export interface System {
  readonly lab: Lab
  readonly admin: Host
  /** Hosts with HAProxy and an agent, as they are now. */
  readonly nodes: readonly Host[]
  /** The controller; replaced by `restartController`. */
  controller: HostProcess
  /** Agents by node name; replaced by `restartAgent`. */
  readonly agents: Map<string, HostProcess>
  /** Runs a line in the admin host's shell. */
  run(line: string): Promise<RunResult>
  /** Who answers at ports of the nodes, "<instance> <role> <port of the database>", asked from the admin host. */
  readonly ask: Ask
  /** Replaces text in the inventory, as an editor does; an error when the text is not there. */
  edit(from: string, to: string): Promise<void>
  /** Makes a host of the lab one more node: HAProxy, certificate, agent. Resolves when it is connected. */
  addNode(name: string): Promise<void>
  /** Resolves when all these agents (default: all) are connected. */
  connected(names?: readonly string[]): Promise<void>
  stop(): Promise<void>
}

export interface NodeOptions {
  /** What to do to a node's host before its HAProxy and its agent start. */
  readonly prepareNode?: (node: Host) => Promise<void>
  readonly settings?: Settings
}

export interface SystemOptions extends NodeOptions {
  /** With the proxy group and the cluster that it carries. */
  readonly proxies?: boolean
}

/** Starts everything; nothing is published yet. */
export async function startSystem({ proxies = false, ...options }: SystemOptions = {}): Promise<System> {
  const databases = proxies ? [...MEMBERS, ...DELEGATED] : MEMBERS
  const nodes = proxies ? [...MEMBERS, ...PROXIES] : MEMBERS
  const others = proxies ? [...DELEGATED, ...PROXIES] : []
  const lab = await startLab([ADMIN, ...MEMBERS, ...others])
  return await orLogs(lab, async () => {
    await Promise.all(databases.map((spec) => startStandIn(lab.host(spec.name), spec.name, firstRole(spec))))
    return await startPgsvc(lab, { inventory: INVENTORY, nodes, ...options })
  })
}

/** Ends the lab when `start` fails, and lets its programs tell why. */
export async function orLogs<T>(lab: Lab, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    const logs = [...(await lab.logs())].map(([program, text]) => `${program}:\n${text.slice(-LAST_WORDS)}`)
    await lab.stop()
    throw new Error(`the system did not start; its logs:\n${logs.join('\n')}`, { cause: error })
  }
}

/** Characters of each log that are shown when something does not start. */
const LAST_WORDS = 4_000

/** Starts pgsvc on a lab that runs: HAProxy and agent on each of `nodes`, the controller on the host `admin`. */
export async function startPgsvc(
  lab: Lab,
  {
    inventory,
    nodes,
    ...options
  }: NodeOptions & { readonly inventory: string; readonly nodes: readonly HostSpec[] },
): Promise<System> {
  await ensureBuilt()
  const admin = lab.host(ADMIN.name)
  await writeFile(admin.file(INVENTORY_FILE), inventory)
  const hosts = nodes.map((spec) => lab.host(spec.name))
  await Promise.all([
    prepareController(admin, options.settings),
    ...hosts.map((host) => startNode(host, options)),
  ])
  const controller = await startController(admin)
  const agents = new Map<string, HostProcess>()
  const system = makeSystem(lab, { names: nodes.map((spec) => spec.name), controller, agents, options })
  await Promise.all(hosts.map((host) => joinController(system, host, options)))
  await system.connected()
  return system
}

function firstRole(spec: HostSpec): Role {
  return spec.name.endsWith('-1') ? 'primary' : 'replica'
}

async function startNode(node: Host, { prepareNode }: NodeOptions): Promise<void> {
  await prepareNode?.(node)
  await startHaproxy(node)
}

async function joinController(system: System, node: Host, { settings }: NodeOptions): Promise<void> {
  await enroll(system.admin, node, settings)
  system.agents.set(node.name, await startAgent(node))
}

function makeSystem(
  lab: Lab,
  {
    names,
    controller,
    agents,
    options,
  }: {
    readonly names: string[]
    readonly controller: HostProcess
    readonly agents: Map<string, HostProcess>
    readonly options: NodeOptions
  },
): System {
  const admin = lab.host(ADMIN.name)
  // One after the other: tests of several clusters may run side by side.
  let edited: Promise<unknown> = Promise.resolve()
  const system: System = {
    lab,
    admin,
    get nodes() {
      return names.map((name) => lab.host(name))
    },
    controller,
    agents,
    run: (line) => shell(admin, line),
    ask: (targets, times) => whoAnswers(admin, targets, times),
    edit: (from, to) => {
      const done = edited.then(() => editInventory(admin, from, to))
      edited = done.catch(() => undefined)
      return done
    },
    addNode: async (name) => {
      const node = lab.host(name)
      await startNode(node, options)
      await joinController(system, node, options)
      names.push(name)
      await waitConnected(lab, admin, [name])
    },
    connected: (wanted = names) => waitConnected(lab, admin, wanted),
    stop: () => lab.stop(),
  }
  return system
}

async function editInventory(admin: Host, from: string, to: string): Promise<void> {
  const file = admin.file(INVENTORY_FILE)
  const text = await readFile(file, 'utf8')
  if (!text.includes(from)) throw new Error(`the inventory has no ${from}`)
  await writeFile(file, text.replace(from, to))
}

async function waitConnected(lab: Lab, admin: Host, names: readonly string[]): Promise<void> {
  const wanted = names.map((name) => lab.host(name).address)
  await waitFor(`agents of ${names.join(', ')} to connect`, async () => {
    const connected = await connectedNodes(admin)
    return wanted.every((address) => connected.includes(address)) || undefined
  })
}

/** Addresses of the nodes whose agents the controller is connected with. */
export async function connectedNodes(admin: HostAccess): Promise<readonly string[]> {
  const result = await shell(admin, 'pgsvc status --json')
  if (!result.stdout.trim().startsWith('{')) return []
  const status: { nodes?: { node: string; connected: boolean }[] } = JSON.parse(result.stdout)
  return (status.nodes ?? []).filter((node) => node.connected).map((node) => node.node)
}

/** Starts the controller again, after it ended or was killed. */
export async function restartController(system: System): Promise<void> {
  system.controller = await startController(system.admin)
}

/** Starts a node's agent again. */
export async function restartAgent(system: System, name: string): Promise<void> {
  system.agents.set(name, await startAgent(system.lab.host(name)))
}

/** Worker pids of all nodes; a reload changes them. */
export async function workerPids(system: System): Promise<readonly (number | undefined)[]> {
  return await Promise.all(system.nodes.map((node) => workerPid(node)))
}

/** Names of the service files on a node. */
export async function serviceFiles(node: Host): Promise<readonly string[]> {
  const text = await mustShell(node, 'ls /etc/haproxy/conf.d/')
  return text.split('\n').filter((name) => name.endsWith('.cfg'))
}

/** All service files of a node with their text, to see whether anything changed. */
export async function serviceTexts(node: Host): Promise<ReadonlyMap<string, string>> {
  const names = await serviceFiles(node)
  const texts = names.map(
    async (name) => [name, await readFile(node.file(`/etc/haproxy/conf.d/${name}`), 'utf8')] as const,
  )
  return new Map(await Promise.all(texts))
}
