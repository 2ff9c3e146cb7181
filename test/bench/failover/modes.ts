/** What is compared: HAProxy alone with two sets of options, and pgsvc with each source of hints. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalReload, workerPid } from '../../lab/haproxy.ts'
import type { Host } from '../../lab/host.ts'
import { BIN, hostPath, INVENTORY_FILE } from '../../lab/pgsvc.ts'
import { waitFor } from '../../lab/process.ts'
import { etcdEndpoint } from '../../lab/real/etcd.ts'
import type { RealSystem } from '../../lab/real/real-system.ts'
import { restartAgent, restartController } from '../../lab/system.ts'

/**
 * `stock`: HAProxy with the seed's options, as Pigsty 3 writes them. `norm`: with those of Pigsty 4.5.
 * `default`: pgsvc as it comes. `callback`: with Patroni's callbacks. `etcd`: the controller watches etcd.
 * `alone`: as it comes, and the controller is dead.
 */
export type Mode = 'stock' | 'norm' | 'default' | 'callback' | 'etcd' | 'alone'

export const ALL_MODES: readonly Mode[] = ['stock', 'norm', 'default', 'callback', 'etcd', 'alone']
/** Without an agent. They come first: an agent takes over what is there. */
export const STOCK_MODES: readonly Mode[] = ['stock', 'norm']

const VERSION_OF: Readonly<Record<Mode, string>> = {
  stock: 'v3.5.0',
  norm: 'v4.5.0',
  default: 'v4.5.0',
  callback: 'v4.5.0',
  etcd: 'v4.5.0',
  alone: 'v4.5.0',
}

const CALLBACK_WANTED = '/run/postgresql/notify'

/** What Patroni runs at every change of role: the one line of docs/operations.md, while it is wanted. */
export const CALLBACK = `sh -c 'test ! -e ${CALLBACK_WANTED} || PATH=${hostPath()} ${BIN}/pgsvc notify "$@" >/dev/null 2>&1 &' callback`

export function isStock(mode: Mode): boolean {
  return STOCK_MODES.includes(mode)
}

/** Brings the lab into a mode. */
export async function enterMode(system: RealSystem, mode: Mode, clusters: readonly string[]): Promise<void> {
  await setVersion(system, VERSION_OF[mode])
  await Promise.all(system.members.map((member) => wantCallback(system.lab.host(member.name), mode)))
  if (isStock(mode)) {
    await stopAgents(system)
    await putStrictFiles(system, clusters)
    return
  }
  const wanted = mode === 'etcd' ? `etcd_endpoints: [ "${etcdEndpoint(system.admin)}" ]\n` : ''
  await writeFile(system.admin.file('/etc/pgsvc/controller.yml'), `inventory: ${INVENTORY_FILE}\n${wanted}`)
  system.controller.kill()
  await system.controller.exited
  await restartController(system)
  await stopAgents(system)
  await startAgents(system)
  for (const cluster of clusters) {
    const result = await system.run(`pgsql-svc ${cluster}`)
    if (result.status !== 0) throw new Error(`pgsql-svc ${cluster}: ${result.stdout}${result.stderr}`)
  }
  if (mode !== 'alone') return
  system.controller.kill()
  await system.controller.exited
}

/** Agents that do not remember earlier changes: from the third one on files wait longer each time. */
export async function freshAgents(system: RealSystem, mode: Mode): Promise<void> {
  await stopAgents(system)
  if (mode !== 'alone') return await startAgents(system)
  for (const name of system.agents.keys()) await restartAgent(system, name)
  await sleep(ALONE_START_MS)
}

/** Nobody tells when an agent without a controller is ready. */
const ALONE_START_MS = 4_000

export async function startAgents(system: RealSystem): Promise<void> {
  await Promise.all([...system.agents.keys()].map((name) => restartAgent(system, name)))
  await system.connected()
}

export async function stopAgents(system: RealSystem): Promise<void> {
  await Promise.all(
    [...system.agents.values()].map(async (agent) => {
      agent.kill('SIGTERM')
      await agent.exited
    }),
  )
}

async function setVersion(system: RealSystem, version: string): Promise<void> {
  const file = system.admin.file(INVENTORY_FILE)
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/^( *version: ).*$/m, `$1${version}`))
}

async function wantCallback(member: Host, mode: Mode): Promise<void> {
  const flag = member.file(CALLBACK_WANTED)
  if (mode === 'callback') await writeFile(flag, '')
  else await rm(flag, { force: true })
}

/** The files that Pigsty's own templates write, put there by hand. */
async function putStrictFiles(system: RealSystem, clusters: readonly string[]): Promise<void> {
  const out = '/var/lib/strict'
  const rendered = await system.run(
    `rm -rf ${out} && pgsvc render --strict -i ${INVENTORY_FILE} -o ${out} ${clusters.join(' ')}`,
  )
  if (rendered.status !== 0) throw new Error(`pgsvc render: ${rendered.stdout}${rendered.stderr}`)
  await Promise.all(
    system.nodes.map(async (node) => {
      const directory = node.file('/etc/haproxy/conf.d')
      await rm(directory, { recursive: true, force: true })
      await mkdir(directory)
      await cp(path.join(system.admin.file(out), node.address), directory, { recursive: true })
      await plainReload(node)
    }),
  )
}

/** As anybody reloads HAProxy; resolves when the new worker answers. */
export async function plainReload(node: Host): Promise<void> {
  const before = await workerPid(node)
  await signalReload(node)
  await waitFor(`a new worker on ${node.name}`, async () => {
    const now = await workerPid(node)
    return now !== undefined && now !== before ? true : undefined
  })
}
