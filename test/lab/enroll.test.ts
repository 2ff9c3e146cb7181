/** `pgsvc enroll` and `unenroll` against real sshd and sudo, on hosts with real HAProxy. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reloadsOf, startHaproxy, workerPid } from './haproxy.ts'
import type { Host } from './host.ts'
import { type Lab, startLab } from './lab.ts'
import { ensureBuilt, INVENTORY_FILE, mustShell, prepareController, shell, startController } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { startStandIn } from './services.ts'
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
import { connectedNodes, orLogs, serviceTexts } from './system.ts'
import { ADMIN, INVENTORY, MEMBERS } from './topology.ts'

let lab: Lab
let admin: Host
let nodes: readonly Host[]
/** The first node's files before anything of ours was there. */
let untouched: string
const way = `--ssh-config ${SSH_CONFIG} --program ${PROGRAM}`
const ways = `${way} --wait 60`

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
    // A bare host has none of these, not even empty.
    await Promise.all(nodes.map((node) => mustShell(node, 'rmdir /etc/pgsvc /var/lib/pgsvc')))
    untouched = await traceTree(first())
    await startController(admin)
  })
})
afterAll(() => lab?.stop())

function first(): Host {
  const [node] = nodes
  if (!node) throw new Error('no node')
  return node
}

/** Runs it on the admin host; the text is standard output, with standard error where there is any. */
async function pgsvc(line: string) {
  const { status, stdout, stderr } = await shell(admin, `pgsvc ${line}`, { timeoutMs: 300_000 })
  return { status, text: stdout + stderr }
}

/** Step → state of one node, from --json. */
async function steps(line: string, node = '10.10.10.11') {
  const { status, text } = await pgsvc(`${line} --json`)
  const events = text
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one))
  const own = events.filter((event) => event.event === 'step' && event.node === node)
  return { status, states: Object.fromEntries(own.map(({ step, state }) => [step, state])), events, text }
}

test('hosts that nobody knows are refused with their fingerprint, and nothing is touched', async () => {
  const before = await traceTree(first())
  const refused = await pgsvc(`enroll 10.10.10.11 ${ways}`)
  expect(refused.status).toBe(1)
  expect(refused.text).toMatch(
    /HOST_KEY_UNKNOWN: 10\.10\.10\.11 was never met before; its host key is ssh-ed25519 SHA256:/,
  )
  expect(await traceTree(first())).toBe(before)
})

test('--check says what would be done, and changes nothing', async () => {
  await knowHosts(admin, nodes)
  const before = await traceTree(first())
  const ansible = admin.file(path.join(path.dirname(INVENTORY_FILE), 'ansible.cfg'))
  await writeFile(ansible, '[defaults]\nremote_user = nobody2\n')
  const check = await steps(`enroll 10.10.10.11 --check ${ways}`)
  await rm(ansible)
  expect(check.events).toContainEqual({
    event: 'warning',
    text: expect.stringMatching(/ansible\.cfg:2: remote_user is not followed/),
  })
  expect(check.status, check.text).toBe(0)
  expect(check.states).toEqual({
    connect: 'noted',
    look: 'noted',
    program: 'would_change',
    configuration: 'would_change',
    units: 'would_change',
    certificate: 'would_change',
    start: 'would_change',
    connected: 'would_change',
    command: 'would_change',
  })
  expect(await traceTree(first())).toBe(before)
})

test('an agent is brought, started and seen; a second time there is nothing to do', async () => {
  const done = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(done.status, done.text).toBe(0)
  expect(done.states).toMatchObject({
    program: 'changed',
    certificate: 'changed',
    start: 'changed',
    connected: 'changed',
    command: 'changed',
  })
  expect(await mustShell(first(), '/usr/local/bin/pgsvc agent status')).toContain('10.10.10.11')
  expect(await connectedNodes(admin)).toEqual(['10.10.10.11'])
  const tree = await traceTree(first())
  expect(tree).not.toMatch(/pgsvc-(next|previous)|unfinished/)
  expect((await first().must(['stat', '-Lc', '%a %U', '/etc/pgsvc/agent.key'])).trim()).toBe('600 root')
  // The key was made there, and not a line of it is anywhere on the admin host.
  const key = (await first().must(['cat', '/etc/pgsvc/agent.key'])).split('\n').slice(1, 2)
  const search = `grep -rlF ${key} /etc /var/lib /run --exclude-dir=proc 2>/dev/null`
  expect(key[0]?.length).toBeGreaterThan(40)
  expect((await shell(admin, search)).stdout).toBe('')

  const again = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(again.status).toBe(0)
  const { connect: _connect, look: _look, ...rest } = again.states
  expect(new Set(Object.values(rest))).toEqual(new Set(['unchanged']))
  expect(await traceTree(first())).toBe(tree)
  expect((await pgsvc(`enroll 10.10.10.11 ${ways}`)).text).toContain('nothing to do: 1 node as it should be')
})

test('an edited configuration is kept, and what it lacks is said; another host name is refused', async () => {
  const file = first().file('/etc/pgsvc/agent.yml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, `${text}drift: repair\n`)
  const kept = await pgsvc(`enroll 10.10.10.11 ${ways}`)
  expect(kept.status).toBe(0)
  expect(kept.text).toContain('nothing to do')
  const other = await pgsvc(`enroll 10.10.10.11 --controllers 10.10.10.10:9750,10.10.10.9:9750 ${ways}`)
  expect(other.text).toContain(
    'was edited and is kept; it would say controllers: 10.10.10.10:9750, 10.10.10.9:9750',
  )
  expect(await readFile(file, 'utf8')).toBe(`${text}drift: repair\n`)
  await writeFile(file, 'node: 10.10.10.99\n')
  const refused = await pgsvc(`enroll 10.10.10.11 ${ways}`)
  expect(refused.status).toBe(1)
  expect(refused.text).toContain('NODE_IS_ANOTHER')
  await writeFile(file, text)
})

test('a certificate that an edited configuration has elsewhere is signed once, and found there from then on', async () => {
  const file = first().file('/etc/pgsvc/agent.yml')
  const text = await readFile(file, 'utf8')
  const dir = '/etc/pgsvc/own place'
  const places = `tls_cert: ${dir}/it's.crt\ntls_key: ${dir}/node.key\ntls_ca: ${dir}/authorities.crt\n`
  await mustShell(first(), `mkdir "${dir}"`)
  await writeFile(file, `${text}${places}`)
  const moved = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(moved.status, moved.text).toBe(0)
  expect(moved.states).toMatchObject({ configuration: 'unchanged', certificate: 'changed', start: 'changed' })
  expect(await traceTree(first())).toContain("own place/it's.crt")
  const again = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(again.status, again.text).toBe(0)
  expect(again.states).toMatchObject({ certificate: 'unchanged', start: 'unchanged' })
  // And back, where there still is one that counts.
  await writeFile(file, text)
  await mustShell(first(), `rm -r "${dir}"; /run/lab-sbin/systemctl restart pgsvc-agent`)
  const back = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(back.status, back.text).toBe(0)
})

test('an upgrade is tried first, then put in place; one whose agent cannot run is undone', async () => {
  const good = await traceTree(first())
  const broken = '/var/lib/ssh-client/broken'
  await writeProgram(
    admin,
    broken,
    'broken',
    'case "$*" in *request*|*install*|*try*) ;; *agent*) exit 3 ;; esac',
  )
  const undone = await pgsvc(`enroll 10.10.10.11 ${ways.replace(PROGRAM, broken)}`)
  expect(undone.status).toBe(1)
  expect(undone.text).toContain('UPGRADE_UNDONE')
  expect(undone.text).toContain('the one of before is back and connected')
  const mute = '/var/lib/ssh-client/mute'
  await writeProgram(
    admin,
    mute,
    'mute',
    'case "$*" in *request*|*install*|*try*) ;; *agent*) exec sleep 1000 ;; esac',
  )
  const silent = await pgsvc(
    `enroll 10.10.10.11 ${ways.replace(PROGRAM, mute).replace('--wait 60', '--wait 4')}`,
  )
  expect(silent.text).toContain('UPGRADE_UNDONE')
  // The time to wait is that of the one that was put back, too: it may be seen later.
  await waitFor('the agent that was put back', async () => (await connectedNodes(admin))[0])
  expect(await traceTree(first())).toBe(good)

  const untried = '/var/lib/ssh-client/untried'
  await writeProgram(
    admin,
    untried,
    'untried',
    'case "$*" in *try*) echo "pgsvc agent: STATE_UNREADABLE: no" >&2; exit 1 ;; esac',
  )
  const agent = await mustShell(first(), 'cat /run/lab-agent.pid')
  const failed = await pgsvc(`enroll 10.10.10.11 ${ways.replace(PROGRAM, untried)}`)
  expect(failed.text).toContain('try: STATE_UNREADABLE')
  expect(await mustShell(first(), 'cat /run/lab-agent.pid')).toBe(agent)

  await writeProgram(admin, PROGRAM, 'newer')
  const done = await steps(`enroll 10.10.10.11 ${ways}`)
  expect(done.status, done.text).toBe(0)
  expect(done.states).toMatchObject({ program: 'changed', certificate: 'unchanged', start: 'changed' })
  expect(await mustShell(first(), 'cat /opt/pgsvc/bin/pgsvc')).toContain('# newer')
  expect(await traceTree(first())).not.toMatch(/pgsvc-(next|previous)|unfinished/)
})

test('while somebody is at work on a node nobody else is, until that one is done or gone', async () => {
  const node = first()
  const [other, third] = ['/var/lib/ssh-client/other', '/var/lib/ssh-client/third']
  await writeProgram(admin, other, 'other')
  await writeProgram(admin, third, 'third')
  const line = (program: string) => `enroll 10.10.10.11 ${ways.replace(PROGRAM, program)}`
  const hold = 'rm -f /run/stopped; touch /run/hold'
  const stopped = () =>
    waitFor('the old agent to be stopped', async () =>
      (await node.exec(['test', '-e', '/run/stopped'])).status === 0 ? true : undefined,
    )
  await mustShell(node, hold)
  const one = pgsvc(line(other))
  await stopped()
  for (const second of [line(PROGRAM), `unenroll 10.10.10.11 ${way}`]) {
    const refused = await pgsvc(second)
    expect(refused.status).toBe(1)
    expect(refused.text).toMatch(/ENROLMENT_RUNS: 10\.10\.10\.11 is being worked on: enroll by \S+, since /)
  }
  await mustShell(node, 'rm /run/hold')
  const done = await one
  expect(done.status, done.text).toBe(0)
  expect(await mustShell(node, 'cat /opt/pgsvc/bin/pgsvc')).toContain('# other')
  expect(await mustShell(node, 'ls -A /run')).not.toContain('enrolment.lock')

  // Both at the same moment: one after the other, or one alone; never a mixture.
  const both = await Promise.all([pgsvc(line(other)), pgsvc(line(PROGRAM))])
  for (const { status, text } of both)
    expect({ text, ok: status === 0 || text.includes('ENROLMENT_RUNS') }).toEqual({ text, ok: true })

  // Whoever is killed holds nothing.
  await mustShell(node, hold)
  const killed = shell(admin, `echo $$ >/run/enrolment.pid; exec pgsvc ${line(third)}`)
  await stopped()
  await mustShell(admin, 'kill -KILL $(cat /run/enrolment.pid)')
  await killed
  await mustShell(node, 'rm /run/hold')
  await enrolmentOver(node)
  const last = await pgsvc(line(PROGRAM))
  expect(last.status, last.text).toBe(0)
  expect(await mustShell(node, 'cat /opt/pgsvc/bin/pgsvc')).not.toContain('# third')
})

test('no sudo, a wrong password and a full disk are told, and the node is as before', async () => {
  const second = nodes[1] as Host
  const before = await traceTree(second)
  const without = await pgsvc(`enroll 10.10.10.12 --user nobody2 ${ways}`)
  expect(without.text).toMatch(
    /SUDO_REFUSED: nobody2@10\.10\.10\.12 does not become root: .*(not allowed|may not|password)/,
  )
  const asked = await pgsvc(`enroll 10.10.10.12 --user asked ${ways}`)
  expect(asked.text).toContain('SUDO_REFUSED')
  const inventory = await readFile(admin.file(INVENTORY_FILE), 'utf8')
  const withPassword = (word: string) =>
    inventory.replace('vars:\n    version', `vars:\n    ansible_become_password: ${word}\n    version`)
  await writeFile(admin.file(INVENTORY_FILE), withPassword('wrong-one'))
  const wrong = await pgsvc(`enroll 10.10.10.12 --user asked ${ways}`)
  expect(wrong.text).toContain('the password of ansible_become_password is wrong')
  expect(wrong.text).not.toContain('wrong-one')

  await writeFile(admin.file(INVENTORY_FILE), withPassword('sesame'))
  // No room by what the disk says of itself, and none although it says so.
  for (const options of ['size=4k', 'nr_inodes=3']) {
    await mustShell(
      second,
      `mount -t tmpfs -o ${options},mode=755 tmpfs /opt; [ ${options} != size=4k ] || head -c 4096 /dev/zero >/opt/full`,
    )
    const full = await pgsvc(`enroll 10.10.10.12 --user asked ${ways}`)
    expect(full.text).toContain('DISK_FULL')
    expect(full.status).toBe(1)
    await mustShell(second, 'rm -f /opt/full; find /opt -mindepth 1 >/run/left; umount /opt')
    expect(await mustShell(second, 'cat /run/left')).toBe('')
  }
  expect(await traceTree(second)).toBe(before)

  // One that nobody can read here stops the hosts that need it, and says what helps; --check of the others goes on.
  await writeFile(admin.file(INVENTORY_FILE), withPassword('!vault secret'))
  const vaulted = await pgsvc(`enroll 10.10.10.12 --user asked ${ways}`)
  expect(vaulted.text).toMatch(/SUDO_REFUSED: .*is encrypted by ansible-vault, which is not opened here/)
  expect(vaulted.text).toContain('--ask-become-pass (-K)')
  expect((await pgsvc(`enroll 10.10.10.12 --check ${ways}`)).status).toBe(0)
  const file = '/run/become-password'
  await mustShell(admin, `umask 077; echo wrong-one >${file}`)
  const bad = await pgsvc(`enroll 10.10.10.12 --user asked --become-password-file ${file} ${ways}`)
  expect(bad.text).toContain('the password of --become-password-file is wrong')
  await mustShell(admin, `echo sesame >${file}`)
  const checked = await pgsvc(
    `enroll 10.10.10.12 --check --user asked --become-password-file ${file} ${ways}`,
  )
  expect(checked.status, checked.text).toBe(0)
  await writeFile(admin.file(INVENTORY_FILE), withPassword('sesame'))
  expect(await traceTree(second)).toBe(before)

  const right = await pgsvc(`enroll 10.10.10.12 --user asked ${ways}`)
  expect(right.status, right.text).toBe(0)
  expect(right.text).not.toContain('sesame')
  await writeFile(admin.file(INVENTORY_FILE), inventory)
})

test('after enrolling the rest, a publish works with nothing else done by hand', async () => {
  const done = await pgsvc(`enroll pg-test ${ways}`)
  expect(done.status, done.text).toBe(0)
  const published = await shell(admin, 'pgsql-svc pg-test')
  expect(published.status, published.stdout).toBe(0)
  for (const node of nodes) expect((await serviceTexts(node)).size).toBe(5)
})

test('unenroll leaves nothing but HAProxy’s files, which do not change, and HAProxy does not notice', async () => {
  const node = first()
  const files = await serviceTexts(node)
  const seen = { pid: await workerPid(node), reloads: await reloadsOf(node) }
  const check = await steps(`unenroll 10.10.10.11 --check ${way}`)
  expect(check.states).toMatchObject({
    stop: 'would_change',
    files: 'would_change',
    remove: 'would_change',
    revoke: 'would_change',
    forget: 'would_change',
  })
  expect(await connectedNodes(admin)).toContain('10.10.10.11')

  // What is lacking is said while the agent runs.
  const agent = await mustShell(node, 'cat /run/lab-agent.pid')
  const config = node.file('/etc/pgsvc/agent.yml')
  const text = await readFile(config, 'utf8')
  const isUntouched = async (line: string, code: string) => {
    const refused = await pgsvc(`unenroll 10.10.10.11 ${line}`)
    expect(refused.status).toBe(1)
    expect(refused.text).toContain(code)
    expect(await mustShell(node, 'cat /run/lab-agent.pid')).toBe(agent)
    expect(await mustShell(node, '/run/lab-sbin/systemctl is-active pgsvc-agent')).toBe('active\n')
    return refused.text
  }
  await isUntouched(way.replace(PROGRAM, '/nowhere'), 'PROGRAM_MISSING')
  await writeFile(config, `${text}drift: [\n`)
  expect(await isUntouched(way, 'CONFIG_INVALID')).toContain('"rm /etc/pgsvc/agent.yml"')
  await writeFile(config, text)
  // And what fails when it has been stopped does not leave the node without one.
  const failing = '/var/lib/ssh-client/failing'
  await writeProgram(
    admin,
    failing,
    'failing',
    'case "$*" in *--check*) ;; *leave*) echo "pgsvc agent: LEAVE_FAILED: no" >&2; exit 1 ;; esac',
  )
  const failed = await pgsvc(`unenroll 10.10.10.11 ${way.replace(PROGRAM, failing)}`)
  expect(failed.text).toContain('LEAVE_FAILED: no; the agent was started again')
  expect(await mustShell(node, '/run/lab-sbin/systemctl is-active pgsvc-agent')).toBe('active\n')

  const done = await pgsvc(`unenroll 10.10.10.11 ${way}`)
  expect(done.status, done.text).toBe(0)
  expect(done.text).toContain(
    'the controller does not count this node any more, which was assigned pg-test@1',
  )
  const besidesHaproxy = (tree: string) => tree.split('\n').filter((line) => !line.includes('/etc/haproxy'))
  const left = await traceTree(node)
  expect(besidesHaproxy(left)).toEqual(besidesHaproxy(untouched))
  expect((await node.must(['ls', '-A', '/etc/haproxy'])).trim().split('\n')).toEqual([
    'conf.d',
    'haproxy.cfg',
  ])
  expect((await node.must(['stat', '-c', '%F', '/etc/haproxy/conf.d'])).trim()).toBe('directory')
  expect(await serviceTexts(node)).toEqual(files)
  expect({ pid: await workerPid(node), reloads: await reloadsOf(node) }).toEqual(seen)
  expect((await shell(admin, 'pgsvc status 10.10.10.11')).stderr).toContain('NAME_UNKNOWN')

  const again = await steps(`unenroll 10.10.10.11 ${way}`)
  expect(again.status, again.text).toBe(0)
  expect(again.states).toMatchObject({ stop: 'unchanged', files: 'unchanged', remove: 'unchanged' })
  // And back: what stands there is taken over as it is.
  const back = await pgsvc(`enroll 10.10.10.11 ${ways}`)
  expect(back.status, back.text).toBe(0)
  expect((await shell(admin, 'pgsql-svc pg-test')).status).toBe(0)
  expect(await serviceTexts(node)).toEqual(files)
  // As the hint for a configuration that nobody can read says.
  await mustShell(node, 'rm /etc/pgsvc/agent.yml')
  const without = await pgsvc(`unenroll 10.10.10.11 ${way}`)
  expect(without.status, without.text).toBe(0)
  expect(besidesHaproxy(await traceTree(node))).toEqual(besidesHaproxy(untouched))
  expect(await serviceTexts(node)).toEqual(files)
})
