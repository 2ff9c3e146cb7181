/** Twenty hosts enrolled at once, and on nineteen the connection dies: at each command once, before, inside or after it. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host, HostSpec } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import { ensureBuilt, INVENTORY_FILE, mustShell, prepareController, shell, startController } from './pgsvc.ts'
import { waitFor } from './process.ts'
import {
  enrolmentOver,
  knowHosts,
  PROGRAM,
  prepareClient,
  SSH_CONFIG,
  startSshd,
  traceTree,
  writeProgram,
} from './ssh/ssh-host.ts'
import { connectedNodes, orLogs } from './system.ts'
import { ADMIN } from './topology.ts'

/** Commands of an enrolment of a bare host, in their order. */
const commands = [
  'look',
  'program',
  'configuration',
  'first unit',
  'second unit',
  'third unit',
  'request for a certificate',
  'installation of the certificate',
  'try',
  'switch and start',
  'tidying',
] as const
const switching = commands.indexOf('switch and start') + 1

interface Cut {
  readonly mode: 'before' | 'inside' | 'after'
  /** Number of the command, from 1. */
  readonly at: number
}

const cuts: readonly (Cut | undefined)[] = [
  undefined,
  ...commands.map((_, index) => ({ mode: 'after' as const, at: index + 1 })),
  ...[2, 3, 4, 8].map((at) => ({ mode: 'inside' as const, at })),
  ...[1, 2, 8, 10].map((at) => ({ mode: 'before' as const, at })),
]
const HOSTS: readonly HostSpec[] = cuts.map((_, index) => ({
  name: `n${index + 1}`,
  address: `10.10.10.${101 + index}`,
}))
const inventory = `all:
  children:
    fleet:
      hosts: { ${HOSTS.map(({ address }) => `${address}: {}`).join(', ')} }
  vars: { admin_ip: ${ADMIN.address} }
`
const enroll = `pgsvc enroll fleet --ssh-config ${SSH_CONFIG} --program ${PROGRAM} --wait 200 --json`

let lab: Lab
let admin: Host

beforeAll(async () => {
  await ensureBuilt()
  lab = await startLab([ADMIN, ...HOSTS])
  await orLogs(lab, async () => {
    admin = lab.host('admin')
    await writeFile(admin.file(INVENTORY_FILE), inventory)
    const key = await prepareClient(admin)
    await prepareController(admin)
    const session = path.join(import.meta.dirname, 'ssh/session.sh')
    for (const [index, { name }] of HOSTS.entries()) {
      const node = lab.host(name)
      const cut = cuts[index]
      await startSshd(node, key, `ForceCommand bash ${session}`)
      if (cut) await writeFile(node.file('/run/cut'), `${cut.mode} ${cut.at}\n`)
    }
    await knowHosts(
      admin,
      HOSTS.map(({ name }) => lab.host(name)),
    )
    await startController(admin)
  })
}, 400_000)
afterAll(() => lab?.stop())

async function run() {
  const { status, stdout, stderr } = await shell(admin, enroll, { timeoutMs: 600_000 })
  const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
  if (summary.event !== 'summary') throw new Error(`no summary: ${stdout}${stderr}`)
  const nodes: { node: string; ok: boolean; step: string | null; error: { code: string } | null }[] =
    summary.nodes
  return { status, nodes }
}

/** Names and modes, and what is the same on all hosts; without what an interrupted attempt may leave in a certificate's number. */
async function shape(node: Host): Promise<string> {
  const lines = (await traceTree(node)).split('\n')
  return lines
    .filter((line) => !/agent\.pair-|agent\.(key|crt)|agent\.yml|\/etc\/haproxy/.test(line))
    .join('\n')
}

test('wherever the connection dies the node is as before, or such that the next run completes it', async () => {
  const first = await run()

  expect(first.status).toBe(1)
  for (const [index, cut] of cuts.entries()) {
    const node = lab.host(`n${index + 1}`)
    const came = first.nodes.find((one) => one.node === node.address)
    const label = `${node.address} ${cut ? `${cut.mode} ${commands[cut.at - 1]}` : 'uncut'}`
    const isTidying = cut?.at === commands.length
    const code = cut ? 'SSH_LOST' : undefined
    expect({ label, code: came?.error?.code }).toEqual({ label, code })
    const tree = await traceTree(node)
    const isSwitched = cut === undefined || isTidying || (cut.at === switching && cut.mode === 'after')
    // Under their final names things are whole, and all of them there, or none is.
    expect({ label, program: / \/opt\/pgsvc\/bin\/pgsvc -/.test(tree) }).toEqual({
      label,
      program: isSwitched,
    })
    expect({ label, unit: / \/etc\/systemd\/system\/pgsvc-agent\.service -/.test(tree) }).toEqual({
      label,
      unit: isSwitched,
    })
    expect({ label, config: / \/etc\/pgsvc\/agent\.yml -/.test(tree) }).toEqual({ label, config: isSwitched })
  }

  await Promise.all(HOSTS.map(({ name }) => mustShell(lab.host(name), 'rm -f /run/cut')))
  await Promise.all(HOSTS.map(({ name }) => enrolmentOver(lab.host(name))))
  const second = await run()

  expect(second.nodes.filter(({ ok }) => !ok)).toEqual([])
  expect(second.status).toBe(0)
  expect((await connectedNodes(admin)).toSorted()).toEqual(HOSTS.map(({ address }) => address).toSorted())
  const uncut = await shape(lab.host('n1'))
  for (const { name } of HOSTS)
    expect({ name, tree: await shape(lab.host(name)) }).toEqual({ name, tree: uncut })
}, 1_500_000)

test('a third run changes nothing on any of the twenty', async () => {
  const third = await shell(admin, enroll.replace(' --json', ''), { timeoutMs: 600_000 })
  expect(third.status).toBe(0)
  expect(third.stdout).toContain('nothing to do: 20 nodes as they should be')
}, 700_000)

/** How an upgrade is cut off at the switch from the old agent to the new one, by host. */
const switchCuts = [
  { name: 'n1', how: 'before' },
  { name: 'n2', how: 'after' },
  { name: 'n3', how: 'before the tidying' },
  { name: 'n4', how: 'while no agent runs' },
] as const
/** Of an upgrade: look, program, try, switch, tidying. */
const upgradeCuts = { before: 'before 4', after: 'after 4', 'before the tidying': 'before 5' } as const

/** Ends the connection of a command as a cable that is pulled does: nobody on the node is told to stop. */
const killSessions = `for pid in $(pgrep -x sshd); do
  [ "$pid" = "$(cat /run/sshd.pid)" ] || kill -KILL $pid
done`

async function isActive(node: Host): Promise<boolean> {
  return (await node.exec(['/run/lab-sbin/systemctl', 'is-active', 'pgsvc-agent'])).status === 0
}

test('an upgrade that is cut off at the switch leaves the old agent or the new one running, and the next run completes it', async () => {
  await writeProgram(admin, PROGRAM, 'newer')
  for (const { name, how } of switchCuts) {
    await mustShell(lab.host(name), 'rm -f /run/stopped /var/lib/home/dba/count')
    const isHeld = how === 'while no agent runs'
    if (isHeld) await mustShell(lab.host(name), 'touch /run/hold')
    else await writeFile(lab.host(name).file('/run/cut'), `${upgradeCuts[how]}\n`)
  }
  const addresses = switchCuts.map(({ name }) => lab.host(name).address)
  const upgrade = enroll.replace('enroll fleet', `enroll ${addresses.join(' ')}`)
  const running = shell(admin, upgrade, { timeoutMs: 600_000 })
  const held = lab.host('n4')
  await waitFor('the old agent to be stopped', async () =>
    (await held.exec(['test', '-e', '/run/stopped'])).status === 0 ? true : undefined,
  )
  expect(await isActive(held)).toBe(false)
  await mustShell(held, killSessions)
  const first = await running
  const { nodes } = JSON.parse(first.stdout.trim().split('\n').at(-1) ?? '{}')
  expect(nodes.map(({ error }: { error: { code: string } | null }) => error?.code)).toEqual(
    switchCuts.map(() => 'SSH_LOST'),
  )
  // Nobody is connected any more, and the node goes on from where it was.
  await mustShell(held, 'rm /run/hold')
  await Promise.all(switchCuts.map(({ name }) => enrolmentOver(lab.host(name))))
  for (const { name, how } of switchCuts) {
    const program = await mustShell(lab.host(name), 'cat /opt/pgsvc/bin/pgsvc')
    expect({ how, isActive: await isActive(lab.host(name)) }).toEqual({ how, isActive: true })
    expect({ how, isNew: program.includes('# newer') }).toEqual({ how, isNew: how !== 'before' })
  }

  for (const { name } of switchCuts) await mustShell(lab.host(name), 'rm -f /run/cut')
  const second = await shell(admin, upgrade, { timeoutMs: 600_000 })
  expect(second.status, second.stdout).toBe(0)
  for (const { name } of switchCuts) {
    expect(await mustShell(lab.host(name), 'cat /opt/pgsvc/bin/pgsvc')).toContain('# newer')
    expect(await traceTree(lab.host(name))).not.toMatch(/pgsvc-(next|previous)|unfinished/)
  }
  expect((await connectedNodes(admin)).toSorted()).toEqual(HOSTS.map(({ address }) => address).toSorted())
}, 1_000_000)

test('an upgrade whose switch was killed between the new files and the start is no finished one', async () => {
  await writeProgram(admin, PROGRAM, 'newest')
  const node = lab.host('n5')
  await mustShell(node, 'rm -f /run/reloading; touch /run/hold-reload')
  const upgrade = enroll.replace('enroll fleet', `enroll ${node.address}`)
  const agent = await mustShell(node, 'cat /run/lab-agent.pid')
  const running = shell(admin, upgrade, { timeoutMs: 600_000 })
  await waitFor('the files to be in place', async () =>
    (await node.exec(['test', '-s', '/run/reloading'])).status === 0 ? true : undefined,
  )
  await mustShell(node, killSessions)
  await mustShell(node, 'kill -KILL $(cat /run/reloading); rm /run/hold-reload')
  expect((await running).stdout).toContain('SSH_LOST')
  await enrolmentOver(node)
  expect(await mustShell(node, 'cat /opt/pgsvc/bin/pgsvc')).toContain('# newest')
  expect(await mustShell(node, 'cat /run/lab-agent.pid')).toBe(agent)

  const second = await shell(admin, upgrade, { timeoutMs: 600_000 })
  expect(second.status, second.stdout).toBe(0)
  expect(await mustShell(node, 'cat /run/lab-agent.pid')).not.toBe(agent)
  expect(await traceTree(node)).not.toMatch(/pgsvc-(next|previous)|unfinished/)
}, 700_000)
