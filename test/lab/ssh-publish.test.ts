/** `pgsql-svc --ssh`: published over SSH where no agent runs, and taken over by one later as if it had done it itself. */

import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reloadsOf, startHaproxy, workerPid } from './haproxy.ts'
import type { Host } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import {
  enroll,
  ensureBuilt,
  INVENTORY_FILE,
  mustShell,
  prepareController,
  shell,
  startAgent,
  startController,
} from './pgsvc.ts'
import { waitFor } from './process.ts'
import { prove } from './proof.ts'
import { startStandIn, whoAnswers } from './services.ts'
import { knowHosts, PROGRAM, prepareClient, SSH_CONFIG, startSshd } from './ssh/ssh-host.ts'
import { connectedNodes, orLogs, serviceTexts } from './system.ts'
import { ADMIN, INVENTORY, MEMBERS, PG_TEST_EXPECTED } from './topology.ts'

let lab: Lab
let admin: Host
let nodes: readonly Host[]
const ssh = `--ssh --ssh-config ${SSH_CONFIG} --program ${PROGRAM}`

beforeAll(async () => {
  await ensureBuilt()
  lab = await startLab([ADMIN, ...MEMBERS])
  await orLogs(lab, async () => {
    admin = lab.host('admin')
    nodes = MEMBERS.map(({ name }) => lab.host(name))
    await writeFile(admin.file(INVENTORY_FILE), INVENTORY)
    const key = await prepareClient(admin)
    await prepareController(admin)
    await Promise.all(
      nodes.map(async (node) => {
        await startSshd(node, key)
        await startStandIn(node, node.name, node.name.endsWith('-1') ? 'primary' : 'replica')
        await startHaproxy(node)
      }),
    )
    await knowHosts(admin, nodes)
    await startController(admin)
  })
})
afterAll(() => lab?.stop())

/** Waits until the controller has noticed that those are gone who were there: it does so a little after they are. */
async function noStreams(): Promise<void> {
  await waitFor('no stream', async () => (await connectedNodes(admin)).length === 0 || undefined)
}

/** Lines of a publish without what differs from run to run, and without what tells of SSH. */
function resultLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => !line.includes('over SSH'))
    .filter((line) => !line.startsWith('[ .. ] 10.'))
    .map((line) => line.replaceAll(/\d+ ms/g, 'N ms'))
    .sort()
}

test('nodes without anything of ours are published to, and nothing but what an agent remembers stays there', async () => {
  const before = await shell(admin, 'pgsql-svc pg-test')
  expect(before.status).toBe(2)
  expect(before.stdout).toContain('offline')

  const done = await shell(admin, `pgsql-svc pg-test ${ssh}`)

  expect(done.stdout).toContain('[ .. ] 10.10.10.11  reached over SSH')
  expect(done.status, done.stdout).toBe(0)
  const history = await mustShell(admin, 'pgsvc history pg-test')
  expect(history).toContain('done')
  for (const node of nodes) {
    const left = await mustShell(node, 'find /opt /etc/pgsvc /var/lib/pgsvc -mindepth 1 -maxdepth 1')
    expect(left.trim().split('\n')).toEqual(['/var/lib/pgsvc/agent'])
  }
})

test('two at once for the same nodes are done one after the other', async () => {
  const done = await Promise.all([1, 2].map(() => shell(admin, `pgsql-svc pg-test ${ssh}`)))

  for (const { status, stdout } of done) {
    expect(status, stdout).toBe(0)
    expect(stdout).not.toContain('not reached')
  }
  await noStreams()
})

test('what is said and the exit status are those of the usual way', async () => {
  const overSsh = await shell(admin, `pgsql-svc pg-test ${ssh}`)
  expect(overSsh.status).toBe(0)
  await Promise.all(nodes.map((node) => enroll(admin, node)))
  const agents = await Promise.all(nodes.map((node) => startAgent(node)))
  await waitFor('the agents', async () => (await connectedNodes(admin)).length === 3 || undefined)

  const usual = await shell(admin, 'pgsql-svc pg-test')
  const withAgents = await shell(admin, `pgsql-svc pg-test ${ssh}`)

  expect(resultLines(overSsh.stdout)).toEqual(resultLines(usual.stdout))
  expect(withAgents.stdout).toContain('every target has an agent that is connected')
  expect(resultLines(withAgents.stdout)).toEqual(resultLines(usual.stdout))
  for (const agent of agents) agent.kill('SIGTERM')
  await Promise.all(agents.map((agent) => agent.exited))
})

test('a later agent takes over what was published over SSH without a reload', async () => {
  await noStreams()
  const file = admin.file(INVENTORY_FILE)
  await writeFile(file, INVENTORY.replace('maxconn: 5000', 'maxconn: 4321'))
  const done = await shell(admin, `pgsql-svc pg-test ${ssh}`)
  expect(done.status, done.stdout).toBe(0)
  expect(done.stdout).toContain('reloaded')
  const before = await Promise.all(
    nodes.map(async (node) => ({
      pid: await workerPid(node),
      reloads: await reloadsOf(node),
      files: await serviceTexts(node),
    })),
  )
  expect(before[0]?.files.get('pg-test-standby.cfg')).toContain('4321')

  const agents = await Promise.all(nodes.map((node) => startAgent(node)))
  await waitFor('the agents', async () => (await connectedNodes(admin)).length === 3 || undefined)
  await waitFor('healthy', async () => (await shell(admin, 'pgsvc status')).status === 0 || undefined)
  const again = await shell(admin, 'pgsql-svc pg-test')

  expect(again.stdout).toContain('nothing to do')
  const after = await Promise.all(
    nodes.map(async (node) => ({
      pid: await workerPid(node),
      reloads: await reloadsOf(node),
      files: await serviceTexts(node),
    })),
  )
  expect(after).toEqual(before)
  const proofs = await prove((targets, times) => whoAnswers(admin, targets, times), PG_TEST_EXPECTED)
  expect(proofs.filter(({ ok }) => !ok)).toEqual([])
  for (const agent of agents) agent.kill('SIGTERM')
  await Promise.all(agents.map((agent) => agent.exited))
})

test('an agent that runs and has no stream keeps its node; the others are published to', async () => {
  const [first] = nodes
  if (!first) throw new Error('no node')
  await noStreams()
  await writeFile(
    first.file('/etc/pgsvc/agent.yml'),
    `node: ${first.address}\ncontrollers: [ "10.10.10.99:9750" ]\n`,
  )
  const agent = await startAgent(first)
  await waitFor('the agent to hold its state', async () => {
    const holder = '/proc/$(cat /var/lib/pgsvc/agent/agent.pid)/cmdline'
    return (
      (await first.exec(['bash', '-c', `tr '\\0' ' ' <${holder} | grep -w agent`])).status === 0 || undefined
    )
  })
  await writeFile(admin.file(INVENTORY_FILE), INVENTORY.replace('maxconn: 5000', 'maxconn: 1234'))
  const done = await shell(admin, `pgsql-svc pg-test ${ssh}`)

  expect(done.status).toBe(2)
  expect(done.stdout).toContain('10.10.10.11  not reached over SSH: AGENT_RUNS')
  expect((await serviceTexts(first)).get('pg-test-standby.cfg')).not.toContain('1234')
  expect((await serviceTexts(nodes[1] as Host)).get('pg-test-standby.cfg')).toContain('1234')
  agent.kill('SIGTERM')
  await agent.exited
  // What it missed it gets over SSH too.
  expect((await shell(admin, `pgsql-svc pg-test 10.10.10.11 ${ssh}`)).status).toBe(0)
  expect((await serviceTexts(first)).get('pg-test-standby.cfg')).toContain('1234')
})

test('--check changes nothing, and a wrong host key, account or address is told per node with status 4', async () => {
  const before = await Promise.all(nodes.map(serviceTexts))
  await writeFile(admin.file(INVENTORY_FILE), INVENTORY.replace('maxconn: 5000', 'maxconn: 77'))
  const check = await shell(admin, `pgsql-svc pg-test --check ${ssh}`)
  expect(check.status, check.stdout).toBe(0)
  expect(check.stdout).toContain('would reload')
  expect(await Promise.all(nodes.map(serviceTexts))).toEqual(before)

  const [first, second] = nodes as readonly [Host, Host, Host]
  await mustShell(
    first,
    'rm /etc/ssh/ssh_host_ed25519_key*; ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key; kill -HUP $(cat /run/sshd.pid)',
  )
  await waitFor(
    'the new key',
    async () =>
      (await shell(admin, `pgsql-svc pg-test 10.10.10.11 ${ssh}`)).stdout.includes('HOST_KEY_CHANGED') ||
      undefined,
  )
  await mustShell(second, 'rm /etc/ssh/authorized/dba')
  const done = await shell(admin, `pgsql-svc pg-test 10.10.10.11 10.10.10.12 ${ssh}`)
  expect(done.status).toBe(4)
  expect(done.stdout).toMatch(/10\.10\.10\.11 {2}not reached over SSH: HOST_KEY_CHANGED/)
  expect(done.stdout).toMatch(/10\.10\.10\.12 {2}not reached over SSH: SSH_LOGIN/)
})
