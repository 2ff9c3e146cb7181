/** Whether all of pgsvc follows a cluster's leader: files on every node, HAProxy's servers, status. */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverStates } from '../haproxy.ts'
import type { Host } from '../host.ts'
import { INVENTORY_FILE, mustShell, shell } from '../pgsvc.ts'
import { waitFor } from '../process.ts'
import type { RealSystem } from './real-system.ts'

/** Files of one cluster by node's address, then by name. */
export type Variant = ReadonlyMap<string, ReadonlyMap<string, string>>

/** What the nodes are to have while `leader` leads, by the inventory as it is now. */
export async function variantOf(
  { admin }: Pick<RealSystem, 'admin'>,
  cluster: string,
  leader: string,
): Promise<Variant> {
  const directory = `/run/variant-of-${leader}`
  await mustShell(
    admin,
    `rm -rf ${directory} && pgsvc render ${cluster} --leader ${leader} -i ${INVENTORY_FILE} -o ${directory}`,
  )
  const nodes = await readdir(admin.file(directory))
  const files = nodes.map(async (node) => [node, await textsIn(admin.file(`${directory}/${node}`))] as const)
  return new Map(await Promise.all(files))
}

async function textsIn(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory)
  const texts = names.map(async (name) => [name, await readFile(`${directory}/${name}`, 'utf8')] as const)
  return new Map(await Promise.all(texts))
}

interface OwnerStatus {
  readonly owner: string
  readonly leader: string
  readonly inventory_leader: string
  readonly nodes: readonly { readonly node: string; readonly running: number; readonly leader: string }[]
}

interface Status {
  readonly ok: boolean
  readonly troubles: readonly string[]
  readonly owners: readonly OwnerStatus[]
}

/** `pgsvc status` of one cluster; that nobody answers is a trouble too. */
async function statusOf({ admin }: Pick<RealSystem, 'admin'>, cluster: string): Promise<Status> {
  const { stdout, stderr } = await shell(admin, `pgsvc status ${cluster} --json`)
  return stdout === '' ? { ok: false, troubles: [stderr], owners: [] } : JSON.parse(stdout)
}

/** Services whose check only the leader passes, of the inventory of the real lab. */
const leaderServices = ['primary', 'default'] as const

/** Nothing when a node has the files and the servers of a leader; else what is different. */
export async function differencesOn(
  host: Host,
  cluster: string,
  leader: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const directory = host.file('/etc/haproxy/conf.d')
  const read = (name: string) => readFile(`${directory}/${name}`, 'utf8').catch(() => 'nothing')
  const wrong: string[] = []
  for (const [name, text] of files) {
    if ((await read(name)) !== text) wrong.push(`${host.name}: ${name} is not that of ${leader}`)
  }
  const states = await serverStates(host)
  for (const service of leaderServices) {
    const prefix = `${cluster}-${service}/`
    const up = [...states].filter(([name, state]) => name.startsWith(prefix) && state === 'UP')
    const names = up.map(([name]) => name.slice(prefix.length)).join()
    if (names !== leader) wrong.push(`${host.name}: ${cluster}-${service} has ${names || 'nobody'} up`)
  }
  return wrong
}

/**
 * Waits until every node that carries a cluster has the leader's files and servers, and status finds nothing to complain
 * about.
 *
 * @param nodes - default: all that carry it
 * @throws Error that says what is still different
 */
export async function followed(
  system: Pick<RealSystem, 'admin' | 'lab'>,
  cluster: string,
  leader: string,
  { nodes, timeoutMs = 90_000 }: { readonly nodes?: readonly string[]; readonly timeoutMs?: number } = {},
): Promise<void> {
  const variant = await variantOf(system, cluster, leader)
  const hosts = [...variant.keys()].map((address) => system.lab.host(address))
  const asked = nodes ? hosts.filter(({ name }) => nodes.includes(name)) : hosts
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await Promise.all(
      asked.map((host) => differencesOn(host, cluster, leader, variant.get(host.address) ?? new Map())),
    )
    const wrong = found.flat()
    // Every question to the controller is a program: it comes last.
    if (wrong.length === 0) wrong.push(...(nodes ? [] : await complaints(system, cluster, leader)))
    if (wrong.length === 0) return
    if (performance.now() > deadline) throw new Error(`${leader} is not followed: ${wrong.join('; ')}`)
    await sleep(300)
  }
}

/** Waits until a node's HAProxy sends writes to `leader` and nobody else. */
export function toldOf(node: Host, leader: string): Promise<true> {
  const section = `${leader.slice(0, -2)}-primary/`
  return waitFor(
    `${node.name} to be told of ${leader}`,
    async () => {
      const up = [...(await serverStates(node))].filter(
        ([name, state]) => name.startsWith(section) && state === 'UP',
      )
      return up.map(([name]) => name).join() === `${section}${leader}` || undefined
    },
    { timeoutMs: 60_000, everyMs: 20 },
  )
}

async function complaints(
  system: Pick<RealSystem, 'admin'>,
  cluster: string,
  leader: string,
): Promise<readonly string[]> {
  const { ok, troubles, owners } = await statusOf(system, cluster)
  const known = owners.find(({ owner }) => owner === cluster)?.leader
  return [...(known === leader ? [] : [`status says that ${known} leads`]), ...(ok ? [] : troubles)]
}
