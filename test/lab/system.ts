/** The whole of it: admin host with controller, members and proxies with HAProxy and agent, stand-in databases. */
import { readFile, writeFile } from 'node:fs/promises'
import { startHaproxy, workerPid } from './haproxy.ts'
import type { Host, HostProcess, HostSpec } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import {
  enroll,
  ensureBuilt,
  INVENTORY_FILE,
  logOf,
  makePki,
  mustShell,
  shell,
  startAgent,
  startController,
} from './pgsvc.ts'
import { type RunResult, waitFor } from './process.ts'
import { type Role, startStandIn } from './services.ts'
import { ADMIN, DELEGATED, INVENTORY, MEMBERS, PROXIES } from './topology.ts'

export interface System {
  readonly lab: Lab
  readonly admin: Host
  /** Hosts with HAProxy and an agent. */
  readonly nodes: readonly Host[]
  /** The controller; replaced by `restartController`. */
  controller: HostProcess
  /** Agents by node name; replaced by `restartAgent`. */
  readonly agents: Map<string, HostProcess>
  /** Runs a line in the admin host's shell. */
  run(line: string): Promise<RunResult>
  /** Replaces text in the inventory, as an editor does; an error when the text is not there. */
  edit(from: string, to: string): Promise<void>
  /** Resolves when all these agents (default: all) are connected. */
  connected(names?: readonly string[]): Promise<void>
  stop(): Promise<void>
}

export interface SystemOptions {
  /** With the proxy group and the cluster that it carries. */
  readonly proxies?: boolean
  /** What to do to a node's host before its HAProxy and its agent start. */
  readonly prepareNode?: (node: Host) => Promise<void>
}

/** Starts everything; nothing is published yet. */
export async function startSystem({ proxies = false, prepareNode }: SystemOptions = {}): Promise<System> {
  await ensureBuilt()
  const databases = proxies ? [...MEMBERS, ...DELEGATED] : MEMBERS
  const nodeSpecs = proxies ? [...MEMBERS, ...PROXIES] : MEMBERS
  const others = proxies ? [...DELEGATED, ...PROXIES] : []
  const lab = await startLab([ADMIN, ...MEMBERS, ...others])
  try {
    const admin = lab.host(ADMIN.name)
    const nodes = nodeSpecs.map((spec) => lab.host(spec.name))
    await writeFile(admin.file(INVENTORY_FILE), INVENTORY)
    await Promise.all(databases.map((spec) => startStandIn(lab.host(spec.name), spec.name, firstRole(spec))))
    await Promise.all(nodes.map((node) => startNode(node, prepareNode)))
    await makePki(admin)
    await Promise.all(nodes.map((node) => enroll(admin, node)))
    const controller = await startController(admin)
    const agents = new Map<string, HostProcess>()
    await Promise.all(nodes.map(async (node) => agents.set(node.name, await startAgent(node))))
    const system = makeSystem(lab, admin, nodes, controller, agents)
    await system.connected()
    return system
  } catch (error) {
    const logs = await daemonLogs(lab)
    await lab.stop()
    throw new Error(`the system did not start; its logs:\n${logs}`, { cause: error })
  }
}

/** Logs of controller and agents, for whoever has to find out why something did not start. */
async function daemonLogs(lab: Lab): Promise<string> {
  const read = async (host: Host, log: string) => {
    const text = await logOf(host, log).catch(() => '')
    return text === '' ? '' : `${host.name} ${log}:\n${text}`
  }
  const logs = await Promise.all(lab.hosts.flatMap((host) => [read(host, 'controller'), read(host, 'agent')]))
  return logs.join('')
}

function firstRole(spec: HostSpec): Role {
  return spec.name.endsWith('-1') ? 'primary' : 'replica'
}

async function startNode(node: Host, prepare: SystemOptions['prepareNode']): Promise<void> {
  await prepare?.(node)
  await startHaproxy(node)
}

function makeSystem(
  lab: Lab,
  admin: Host,
  nodes: readonly Host[],
  controller: HostProcess,
  agents: Map<string, HostProcess>,
): System {
  return {
    lab,
    admin,
    nodes,
    controller,
    agents,
    run: (line) => shell(admin, line),
    edit: async (from, to) => {
      const file = admin.file(INVENTORY_FILE)
      const text = await readFile(file, 'utf8')
      if (!text.includes(from)) throw new Error(`the inventory has no ${from}`)
      await writeFile(file, text.replace(from, to))
    },
    connected: (names = nodes.map((node) => node.name)) => waitConnected(lab, admin, names),
    stop: () => lab.stop(),
  }
}

async function waitConnected(lab: Lab, admin: Host, names: readonly string[]): Promise<void> {
  const wanted = names.map((name) => lab.host(name).address)
  await waitFor(`agents of ${names.join(', ')} to connect`, async () => {
    const connected = await connectedNodes(admin)
    return wanted.every((address) => connected.includes(address)) || undefined
  })
}

async function connectedNodes(admin: Host): Promise<readonly string[]> {
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
