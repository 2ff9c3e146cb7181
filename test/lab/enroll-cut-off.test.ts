/** Twenty hosts enrolled at once, and on nineteen the connection dies: at each command once, before, inside or after it. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host, HostSpec } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import { ensureBuilt, INVENTORY_FILE, mustShell, prepareController, shell, startController } from './pgsvc.ts'
import { knowHosts, PROGRAM, prepareClient, SSH_CONFIG, startSshd, traceTree } from './ssh/ssh-host.ts'
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
