/** `pgsvc enroll` on a terminal: the question about a host never met before, and Ctrl-C, once and twice. */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Host, HostSpec } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import {
  ensureBuilt,
  hostPath,
  INVENTORY_FILE,
  logOf,
  mustShell,
  prepareController,
  shell,
  startController,
} from './pgsvc.ts'
import { waitFor } from './process.ts'
import {
  enrolmentOver,
  KNOWN_HOSTS,
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

const HOSTS: readonly HostSpec[] = [1, 2, 3].map((index) => ({
  name: `n${index}`,
  address: `10.10.10.${100 + index}`,
}))
const inventory = `all:
  children:
    fleet:
      hosts: { ${HOSTS.map(({ address }) => `${address}: {}`).join(', ')} }
  vars: { admin_ip: ${ADMIN.address} }
`
const ways = `--ssh-config ${SSH_CONFIG} --program ${PROGRAM} --wait 60`
const ctrlC = '\\003'

let lab: Lab
let admin: Host
let nodes: readonly Host[]

beforeAll(async () => {
  await ensureBuilt()
  lab = await startLab([ADMIN, ...HOSTS])
  await orLogs(lab, async () => {
    admin = lab.host('admin')
    nodes = HOSTS.map(({ name }) => lab.host(name))
    await writeFile(admin.file(INVENTORY_FILE), inventory)
    const key = await prepareClient(admin)
    await prepareController(admin)
    for (const node of nodes) await startSshd(node, key)
    // A new program that can be held where it is tried; "try" is a command that only looks.
    await writeProgram(
      admin,
      PROGRAM,
      'held',
      'case "$*" in *try*) touch /run/trying; while [ -e /run/hold ]; do sleep 0.1; done ;; esac',
    )
    await startController(admin)
  })
}, 400_000)
afterAll(() => lab?.stop())

beforeEach(async () => {
  for (const node of nodes) await mustShell(node, 'rm -f /run/hold /run/trying /run/stopped')
})

let count = 0

/** A command on a terminal of its own, and somebody who types. */
async function onTerminal(command: string) {
  count += 1
  const log = `terminal-${count}`
  const keys = `/run/keys-${count}`
  await mustShell(admin, `mkfifo ${keys}`)
  // Open for reading and writing: somebody who pauses has not hung up.
  // In the place of script's own shell: dash, the usual one where SHELL is not set, would answer Ctrl-C, too.
  const line = `exec 3<>${keys}; exec script -qefc "exec $0" /dev/null <&3`
  const started = await admin.spawn(log, ['bash', '-c', line, command], { PATH: hostPath(), TERM: 'xterm' })
  const text = () => logOf(admin, log)
  return {
    text,
    type: (what: string) => mustShell(admin, `printf '${what}' >${keys}`),
    shows: (words: RegExp) =>
      waitFor(`${words} on the terminal`, async () => words.test(await text()) || undefined),
    exited: started.exited,
  }
}

async function exists(node: Host, file: string): Promise<true | undefined> {
  return (await node.exec(['test', '-e', file])).status === 0 ? true : undefined
}

function node(index: number): Host {
  const host = nodes[index]
  if (!host) throw new Error('no node')
  return host
}

const [one, two] = ['10.10.10.101', '10.10.10.102']

test('Ctrl-C at the question ends the command: no other question, nothing remembered, nothing touched', async () => {
  const before = await traceTree(node(0))
  const terminal = await onTerminal(`pgsvc enroll ${one} ${two} ${ways}`)
  await terminal.shows(/\(yes\/no\)\?/)
  await terminal.type(ctrlC)
  expect(await terminal.exited).toBe(1)
  const text = await terminal.text()
  expect(text.match(/\(yes\/no\)\?/g)).toHaveLength(1)
  expect(text).toContain('interrupted: ')
  expect(await exists(admin, KNOWN_HOSTS)).toBeUndefined()
  expect(await traceTree(node(0))).toBe(before)
}, 200_000)

test('a yes takes one host, anything else refuses another, and each is asked about by itself', async () => {
  const terminal = await onTerminal(`pgsvc enroll ${one} ${two} ${ways}`)
  await terminal.shows(/\(yes\/no\)\?/)
  const fingerprint = /SHA256:\S+/.exec(await terminal.text())?.[0] ?? 'none'
  const asked = /(10\.10\.10\.\d+) was never met/.exec(await terminal.text())?.[1] ?? 'none'
  const first = HOSTS.findIndex(({ address }) => address === asked)
  const printed = await node(first).must(['ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub'])
  expect(printed).toContain(fingerprint)
  await terminal.type('yes\\n')
  await terminal.shows(/\(yes\/no\)\?[\s\S]*\(yes\/no\)\?/)
  await terminal.type('y\\n')
  expect(await terminal.exited).toBe(1)
  const text = await terminal.text()
  expect(text).toContain(`the host key of ${asked} is remembered from now on`)
  expect(text).toContain('HOST_KEY_UNKNOWN')
  const known = await readFile(admin.file(KNOWN_HOSTS), 'utf8')
  expect(known.trim().split('\n')).toHaveLength(1)
  expect(known).toContain(`${asked} ssh-ed25519 `)
  expect(await connectedNodes(admin)).toEqual([asked])
}, 300_000)

test('Ctrl-C while the new program is tried: it ends, and under its final name there is nothing', async () => {
  await knowHosts(admin, nodes)
  await mustShell(node(2), 'touch /run/hold')
  const terminal = await onTerminal(`pgsvc enroll 10.10.10.103 ${ways}`)
  await waitFor('the try', () => exists(node(2), '/run/trying'))
  await terminal.type(ctrlC)
  expect(await terminal.exited).toBe(1)
  expect(await terminal.text()).toMatch(/try: CANCELLED/)
  const tree = await traceTree(node(2))
  expect(tree).not.toMatch(/ \/opt\/pgsvc\/bin\/pgsvc -/)
  expect(tree).not.toMatch(/ \/etc\/systemd\/system\/pgsvc-agent\.service -/)
  await mustShell(node(2), 'rm /run/hold')
  const again = await shell(admin, `pgsvc enroll 10.10.10.103 ${ways}`, { timeoutMs: 200_000 })
  expect(again.status, again.stdout).toBe(0)
  expect(again.stdout).toContain('brought by an attempt before')
}, 400_000)

test("sudo's password is asked for once and never shown; without a terminal that is an error", async () => {
  const terminal = await onTerminal(`pgsvc enroll ${one} --check --user asked -K ${ways}`)
  await terminal.shows(/BECOME password: /)
  await terminal.type('sesame\\n')
  expect(await terminal.exited).toBe(0)
  expect(await terminal.text()).not.toContain('sesame')
  const given = await onTerminal(`pgsvc enroll ${one} --check --user asked -K ${ways}`)
  await given.shows(/BECOME password: /)
  await given.type(ctrlC)
  expect(await given.exited).toBe(1)
  const none = await shell(admin, `pgsvc enroll ${one} --check --user asked -K ${ways} </dev/null`)
  expect(none.status).toBe(2)
  expect(none.stderr).toContain('--become-password-file FILE')
}, 200_000)

/** A held upgrade of the third node, at the moment when the old agent has ended and the new one is not started. */
async function heldUpgrade(remark: string) {
  await writeProgram(admin, PROGRAM, remark)
  await mustShell(node(2), 'touch /run/hold')
  const terminal = await onTerminal(`pgsvc enroll 10.10.10.103 ${ways}`)
  await waitFor('the old agent to be stopped', () => exists(node(2), '/run/stopped'))
  return terminal
}

async function isMended(remark: string): Promise<void> {
  await enrolmentOver(node(2))
  const again = await shell(admin, `pgsvc enroll 10.10.10.103 ${ways}`, { timeoutMs: 200_000 })
  expect(again.status, again.stdout).toBe(0)
  expect(await mustShell(node(2), 'cat /opt/pgsvc/bin/pgsvc')).toContain(`# ${remark}`)
  expect(await connectedNodes(admin)).toContain('10.10.10.103')
  expect(await traceTree(node(2))).not.toMatch(/pgsvc-(next|previous)|unfinished/)
}

test('Ctrl-C at the switch: the command waits until the new agent is started, and only then ends', async () => {
  const terminal = await heldUpgrade('once')
  await terminal.type(ctrlC)
  await terminal.shows(/interrupted: what is in hand on the nodes comes to a safe end first/)
  const early = await Promise.race([terminal.exited, new Promise((resolve) => setTimeout(resolve, 2_000))])
  expect(early).toBeUndefined()
  await mustShell(node(2), 'rm /run/hold')
  const status = await terminal.exited
  // An agent that is fast enough was seen before the wait for it was given up.
  const expected = status === 0 ? /10\.10\.10\.103 {2}done/ : /connected: CANCELLED.*which was started/
  expect(await terminal.text()).toMatch(expected)
  expect((await node(2).exec(['/run/lab-sbin/systemctl', 'is-active', 'pgsvc-agent'])).stdout).toBe(
    'active\n',
  )
  await isMended('once')
}, 400_000)

test('Ctrl-C twice at the switch: the command leaves at once, and the node goes on by itself', async () => {
  const terminal = await heldUpgrade('twice')
  await terminal.type(ctrlC)
  await terminal.shows(/interrupted: /)
  await terminal.type(ctrlC)
  expect(await terminal.exited).toBe(128 + 2)
  expect(await exists(node(2), '/run/hold')).toBe(true)
  await mustShell(node(2), 'rm /run/hold')
  await isMended('twice')
}, 400_000)
