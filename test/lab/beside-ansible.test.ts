/**
 * Pigsty's playbooks go on being run: node.yml (haproxy.cfg, restart), haproxy_clean, bin/pgsql-svc and pgsql-rm, by
 * real Ansible with a playbook of ours that does to the files and to HAProxy what theirs do.
 */
import { appendFile, lstat, readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ansible, type File } from './ansible.ts'
import { workerPid } from './haproxy.ts'
import type { Host } from './host.ts'
import { waitFor } from './process.ts'
import { connectedNodes, restartAgent, type System, serviceTexts, startSystem } from './system.ts'

const confD = '/etc/haproxy/conf.d'
/** Longer than Ansible takes from one file to the next, also on a busy machine. */
const quietMs = 8_000

let system: System
let node: Host
let published: ReadonlyMap<string, string>

interface NodeState {
  readonly node: string
  readonly healthy: boolean
  readonly problems: readonly string[]
  readonly last_repair: {
    readonly restored: readonly string[]
    readonly others_vanished: readonly string[]
  } | null
}

async function nodeState(): Promise<NodeState> {
  const { stdout } = await system.run('pgsvc status --json')
  const status: { readonly nodes: readonly NodeState[] } = JSON.parse(stdout)
  const found = status.nodes.find((one) => one.node === node.address)
  if (!found) throw new Error('the node is not known')
  return found
}

const ours = async () =>
  new Map([...(await serviceTexts(node))].filter(([name]) => name.startsWith('pg-test-')))

/** Time to be quiet, to repair and to tell, on a busy machine. */
const patiently = <T>(what: string, probe: () => Promise<T | undefined>) =>
  waitFor(what, probe, { timeoutMs: 90_000, everyMs: 250 })

const healthy = () =>
  patiently('the node to be healthy', async () => ((await nodeState()).healthy ? true : undefined))

beforeAll(async () => {
  system = await startSystem()
  const [first] = system.nodes
  if (!first) throw new Error('the lab has three members')
  node = first
  await appendFile(node.file('/etc/pgsvc/agent.yml'), `drift_quiet_ms: ${quietMs}\n`)
  const agent = system.agents.get(node.name)
  agent?.kill('SIGTERM')
  await agent?.exited
  // Otherwise it might be the former stream that is seen.
  await patiently('the agent to be gone', async () => {
    return !(await connectedNodes(system.admin)).includes(node.address) || undefined
  })
  await restartAgent(system, node.name)
  await system.connected()
  await writeFile(node.file(`${confD}/somebody.cfg`), '# of somebody\n')
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  published = await ours()
  await healthy()
})
afterAll(() => system?.stop())

/** Lines that are ours: Pigsty's template does not have them. */
const added = /^ +(retries 0|load-server-state-from-file local|server-state-file-name .*)\n/gm

/** The cluster's files as Pigsty's template has them, optionally with a change in the inventory. */
function services(change: (text: string) => string): readonly File[] {
  return [...published].map(([name, text]) => ({
    name: name.replace(/\.cfg$/, ''),
    text: change(text.replaceAll(added, '')),
  }))
}

const refresh = (change = (text: string) => text) =>
  ansible(node, 'svc', { cluster: 'pg-test', services: services(change) })

/** The link to a directory with the mode that node.yml gave it, and files that others may read. */
async function expectLink(): Promise<void> {
  expect((await lstat(node.file(confD))).isSymbolicLink()).toBe(true)
  expect((await stat(node.file(confD))).mode & 0o777).toBe(0o750)
  expect((await stat(node.file(`${confD}/pg-test-primary.cfg`))).mode & 0o777).toBe(0o644)
}

test('node.yml writes haproxy.cfg and restarts HAProxy: our files are loaded, and there is nothing to put back', async () => {
  const before = await workerPid(node)

  await ansible(node, 'node')
  await patiently('HAProxy to be another one', async () => {
    const pid = await workerPid(node)
    return (pid !== undefined && pid !== before) || undefined
  })
  await healthy()

  expect(await readFile(node.file('/etc/haproxy/haproxy.cfg'), 'utf8')).toMatch(/^# 20/)
  expect(await ours()).toEqual(published)
  expect((await nodeState()).last_repair).toBeNull()
  await expectLink()
})

test('bin/pgsql-svc wipes and writes our files in its own words: they are taken over silently', async () => {
  await refresh()
  const written = await ours()
  await patiently('the agent to take note', async () => {
    const log = await readFile(node.file('/run/log/agent.log'), 'utf8')
    return log.includes('others rewrote files with the same meaning') || undefined
  })
  await healthy()

  expect(await ours()).toEqual(written)
  expect([...written.values()].every((text) => text.startsWith('# service [pg-test-'))).toBe(true)
  expect((await nodeState()).last_repair).toBeNull()
  await expectLink()
})

test('pgsql-rm removes the files of a cluster that is assigned here: they come back, and status says so', async () => {
  await ansible(node, 'rm', { cluster: 'pg-test' })

  await patiently('the files to come back', async () => ((await nodeState()).last_repair ? true : undefined))
  await healthy()

  expect((await nodeState()).last_repair?.restored).toEqual([...published.keys()])
  expect(await ours()).toEqual(published)
  expect((await system.run('pgsvc status')).stdout).toMatch(/PUT BACK[\s\S]*pg-test-default\.cfg.*reloaded/)
})

test('haproxy_clean empties conf.d and HAProxy restarts: ours come back, what node.yml writes anew stays', async () => {
  const admin = { name: 'admin', text: '# of node.yml' }

  await ansible(node, 'node', { clean: true, node_files: [admin] })
  await patiently('the files to come back', async () =>
    (await nodeState()).last_repair?.others_vanished.length === 1 ? true : undefined,
  )
  await healthy()

  expect(await ours()).toEqual(published)
  expect((await serviceTexts(node)).get('admin.cfg')).toContain('# of node.yml')
  const [vanished = ''] = (await nodeState()).last_repair?.others_vanished ?? []
  const copy = /^somebody\.cfg \(a copy is (.*)\)$/.exec(vanished)?.[1] ?? ''
  expect(await readFile(node.file(copy), 'utf8')).toBe('# of somebody\n')
  await expectLink()
})

test('bin/pgsql-svc with another inventory: the node is told with a diff, left alone, and mended by a publish', async () => {
  await refresh((text) => text.replace('maxconn 5000', 'maxconn 4000'))
  const problem = await patiently('the change to be told', async () =>
    (await nodeState()).problems.find((one) => one.includes('pg-test-standby.cfg changed')),
  )
  const status = await system.run('pgsvc status')

  expect(problem).toBe('pg-test-standby.cfg changed, left as it is')
  expect(status.status).toBe(1)
  expect(status.stdout).toMatch(/^- +maxconn 5000$/m)
  expect(status.stdout).toMatch(/^\+ +maxconn 4000$/m)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  await healthy()
  expect(await ours()).toEqual(published)
  await expectLink()
})
