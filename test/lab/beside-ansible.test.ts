/**
 * Pigsty's playbooks go on being run. Shell lines that do to the files and to HAProxy what their tasks do stand in
 * for Ansible here: node.yml (haproxy.cfg, restart), haproxy_clean, bin/pgsql-svc and pgsql-rm.
 */
import { appendFile, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHaproxy, workerPid } from './haproxy.ts'
import type { Host } from './host.ts'
import { mustShell } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { restartAgent, type System, serviceFiles, serviceTexts, startSystem } from './system.ts'

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

const healthy = () =>
  waitFor('the node to be healthy', async () => ((await nodeState()).healthy ? true : undefined), {
    timeoutMs: 40_000,
  })

beforeAll(async () => {
  system = await startSystem()
  const [first] = system.nodes
  if (!first) throw new Error('the lab has three members')
  node = first
  await appendFile(node.file('/etc/pgsvc/agent.yml'), 'drift_quiet_ms: 1000\n')
  const agent = system.agents.get(node.name)
  agent?.kill('SIGTERM')
  await agent?.exited
  await restartAgent(system, node.name)
  await system.connected()
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  published = await serviceTexts(node)
  await healthy()
})
afterAll(() => system?.stop())

const confD = '/etc/haproxy/conf.d'
const reload =
  'haproxy -c -q -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/conf.d && kill -USR2 $(cat /run/haproxy.pid)'
const stopHaproxy =
  'pid=$(cat /run/haproxy.pid); kill -TERM $pid; for i in $(seq 200); do [ -d /proc/$pid ] || break; sleep 0.05; done'

/** The files as Ansible's template has them: the time on top, other blanks; optionally with one more change. */
async function ansibleWrites(change = ''): Promise<void> {
  const copy = `mkdir -p /run/copy && rm -f /run/copy/* && cp ${confD}/pg-test-*.cfg /run/copy/`
  const wipe = `rm -f ${confD}/pg-test-*.cfg; sleep 0.5`
  const write = `for f in /run/copy/*; do { echo "# service @ $(date)"; echo; sed -e 's/^    /  /' ${change} $f; } > ${confD}/$(basename $f); sleep 0.1; done`
  await mustShell(node, `${copy} && ${wipe} && ${write} && ${reload}`)
}

test('node.yml writes haproxy.cfg and restarts HAProxy: our files are loaded, and there is nothing to put back', async () => {
  const before = await workerPid(node)
  await mustShell(node, stopHaproxy)
  await startHaproxy(node)
  await appendFile(node.file('/etc/haproxy/haproxy.cfg'), '# written by node.yml\n')
  await mustShell(node, reload)
  await healthy()

  expect(await workerPid(node)).not.toBe(before)
  expect(await serviceTexts(node)).toEqual(published)
  expect((await nodeState()).last_repair).toBeNull()
})

test('bin/pgsql-svc wipes and writes our files in its own words: they are taken over silently', async () => {
  await ansibleWrites()
  const written = await serviceTexts(node)
  await waitFor('the agent to take note', async () => {
    const log = await readFile(node.file('/run/log/agent.log'), 'utf8')
    return log.includes('others rewrote files with the same meaning') || undefined
  })
  await healthy()

  expect(await serviceTexts(node)).toEqual(written)
  expect(written).not.toEqual(published)
  expect((await nodeState()).last_repair).toBeNull()
})

test('pgsql-rm removes the files of a cluster that is assigned here: they come back, and status says so', async () => {
  await mustShell(node, `rm -f ${confD}/pg-test-*.cfg && ${reload}`)

  await waitFor('the files to come back', async () => ((await nodeState()).last_repair ? true : undefined), {
    timeoutMs: 30_000,
  })
  await healthy()

  expect((await nodeState()).last_repair?.restored).toEqual([...published.keys()])
  expect(await serviceTexts(node)).toEqual(published)
  expect((await system.run('pgsvc status')).stdout).toMatch(/PUT BACK[\s\S]*pg-test-default\.cfg.*reloaded/)
})

test('haproxy_clean empties conf.d and HAProxy restarts: ours come back, what node.yml writes anew stays', async () => {
  await mustShell(node, `echo '# of node.yml' > ${confD}/admin.cfg; echo '# of somebody' > ${confD}/lost.cfg`)
  await mustShell(node, 'sleep 3') // the agent has seen them
  await mustShell(node, `rm -f ${confD}/*; ${stopHaproxy}; echo '# of node.yml, again' > ${confD}/admin.cfg`)
  await startHaproxy(node)

  await waitFor(
    'the files to come back',
    async () => ((await serviceFiles(node)).length > 1 ? true : undefined),
    { timeoutMs: 30_000 },
  )
  await healthy()

  expect(await serviceTexts(node)).toEqual(new Map([['admin.cfg', '# of node.yml, again\n'], ...published]))
  expect((await nodeState()).last_repair?.others_vanished).toEqual([expect.stringMatching(/^lost\.cfg/)])
})

test('bin/pgsql-svc with another inventory: the node is told with a diff, left alone, and mended by a publish', async () => {
  await ansibleWrites(`-e 's/maxconn 5000/maxconn 4000/'`)
  const problem = await waitFor(
    'the change to be told',
    async () => (await nodeState()).problems.find((one) => one.includes('pg-test-standby.cfg changed')),
    { timeoutMs: 30_000 },
  )
  const status = await system.run('pgsvc status')

  expect(problem).toBe('pg-test-standby.cfg changed, left as it is')
  expect(status.status).toBe(1)
  expect(status.stdout).toMatch(/^- +maxconn 5000$/m)
  expect(status.stdout).toMatch(/^\+ +maxconn 4000$/m)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  await healthy()
  expect((await serviceTexts(node)).get('pg-test-standby.cfg')).toBe(published.get('pg-test-standby.cfg'))
})
