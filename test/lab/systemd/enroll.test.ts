/** The whole way, as an operator goes it: a package on the admin node, and bare hosts that become nodes over SSH. */
import { appendFile, copyFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Host } from '../host.ts'
import type { Lab } from '../lab.ts'
import { waitFor } from '../process.ts'
import { serviceTexts } from '../system.ts'
import { MEMBERS } from '../topology.ts'
import { startBareHosts } from './bare-hosts.ts'
import { whyNoSystemd } from './cgroups.ts'
import { haproxyPids, unitProperty } from './packaged.ts'

const why = whyNoSystemd()

/** As old as the host before its enrolment. On its disk: it has to outlast a loss of power. */
const before = '/var/lib/before'

/** Names, kinds and modes of everything written since then that is not the kernel's, a log's or a run's own. */
async function wholeTree(node: Host): Promise<string> {
  const left =
    '-path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /var/lib/systemd -o -path /root -o -path /home -o -path /var/cache'
  const find = `find / -xdev \\( ${left} \\) -prune -o -newer ${before} -printf '%y %m %u %p -> %l\\n'`
  return await node.must(['bash', '-c', `set -o pipefail; ${find} | sort`], { timeoutMs: 120_000 })
}

describe.skipIf(why !== undefined)(`enrolment under systemd${why ? ` (skipped: ${why})` : ''}`, () => {
  let lab: Lab
  const admin = () => lab.host('admin')
  const node = () => lab.host('pg-test-1')
  const run = (line: string) => admin().exec(['bash', '-c', line], { timeoutMs: 600_000 })

  beforeAll(async () => {
    lab = await startBareHosts()
  }, 900_000)
  afterAll(() => lab?.stop())

  test('bare hosts are enrolled, and a publish works, with nothing else done by hand', async () => {
    await node().must(['touch', before])

    const enrolled = await run('pgsvc enroll pg-test proxy --accept-new')
    expect(enrolled.status, enrolled.stdout + enrolled.stderr).toBe(0)
    const published = await run('pgsql-svc pg-test')

    expect(published.status, published.stdout).toBe(0)
    for (const { name } of MEMBERS) expect((await serviceTexts(lab.host(name))).size).toBe(5)
    expect(await unitProperty(node(), 'pgsvc-agent', 'ActiveState')).toBe('active')
    expect(await unitProperty(node(), 'pgsvc-agent', 'UnitFileState')).toBe('enabled')
    const again = await run('pgsvc enroll pg-test proxy')
    expect(again.stdout).toContain('nothing to do: 5 nodes as they should be')
  }, 900_000)

  test('an upgrade restarts the agent and nothing else; one that cannot start is undone', async () => {
    const pids = await haproxyPids(node())
    // The same program with a byte more: as good, and another one.
    const newer = '/var/lib/newer'
    await copyFile(admin().file('/opt/pgsvc/bin/pgsvc'), admin().file(newer))
    await appendFile(admin().file(newer), '\n')
    const upgraded = await run(`pgsvc enroll 10.10.10.11 --program ${newer}`)
    expect(upgraded.status, upgraded.stdout + upgraded.stderr).toBe(0)
    const agent = await unitProperty(node(), 'pgsvc-agent', 'MainPID')

    const broken = '/var/lib/broken'
    const passes = 'case "$*" in *try*) exec /opt/pgsvc/bin/pgsvc "$@" ;; *agent*) exit 3 ;; esac'
    await writeFile(admin().file(broken), `#!/bin/sh\n${passes}\n`, { mode: 0o755 })
    const undone = await run(`pgsvc enroll 10.10.10.11 --program ${broken}`)

    expect(undone.status).toBe(1)
    expect(undone.stdout).toContain('UPGRADE_UNDONE')
    expect(undone.stdout).toContain('the one of before is back and connected')
    expect(await unitProperty(node(), 'pgsvc-agent', 'ActiveState')).toBe('active')
    expect(await unitProperty(node(), 'pgsvc-agent', 'MainPID')).not.toBe(agent)
    expect(await haproxyPids(node())).toEqual(pids)
  }, 600_000)

  /** The same program with one byte more than the last time. */
  async function newerProgram(): Promise<string> {
    const newer = '/var/lib/newer'
    await appendFile(admin().file(newer), '\n')
    return newer
  }

  /** A unit that is held, until the next boot at the latest, where the old agent has ended and the new one is not started. */
  async function holdStart(): Promise<void> {
    const dir = '/etc/systemd/system/pgsvc-agent.service.d'
    const lines = `[Service]\nExecStartPre=/bin/sh -c 'while [ -e /run/hold ]; do sleep 0.1; done'\n`
    await node().must(['bash', '-c', `mkdir -p ${dir} && cat >${dir}/hold.conf && touch /run/hold`], {
      input: lines,
    })
  }

  async function waitForHold(): Promise<void> {
    await waitFor('the old agent to be stopped', async () =>
      (await unitProperty(node(), 'pgsvc-agent', 'SubState')) === 'start-pre' ? true : undefined,
    )
  }

  async function serves(): Promise<true | undefined> {
    return (await node().must(['ss', '-Hltn', 'sport = :5433'])).trim() === '' ? undefined : true
  }

  async function runsProgram(file: string): Promise<boolean> {
    const sum = async (host: Host, path: string) => (await host.must(['sha256sum', path])).split(' ')[0]
    const isSame = (await sum(admin(), file)) === (await sum(node(), '/opt/pgsvc/bin/pgsvc'))
    return isSame && (await unitProperty(node(), 'pgsvc-agent', 'ActiveState')) === 'active'
  }

  test('a connection that dies at the switch does not stop it: systemd starts the new agent, and HAProxy serves', async () => {
    const pids = await haproxyPids(node())
    const newer = await newerProgram()
    await holdStart()
    const running = run(`pgsvc enroll 10.10.10.11 --program ${newer}`)
    await waitForHold()
    const sessions = 'for p in $(pgrep -f "^sshd: dba"); do kill -KILL $p; done'
    await node().must(['bash', '-c', sessions])
    const cut = await running
    expect(cut.status).toBe(1)
    expect(cut.stdout).toContain('SSH_LOST')
    expect(await serves()).toBe(true)
    await node().must(['rm', '/run/hold'])
    await waitFor('the command that was cut off to come to its end', async () =>
      (await node().exec(['pgrep', '-f', 'systemctl restart'])).status === 0 ? undefined : true,
    )
    await waitFor('the new agent', async () => ((await runsProgram(newer)) ? true : undefined))
    const again = await run(`pgsvc enroll 10.10.10.11 --program ${newer}`)
    expect(again.status, again.stdout + again.stderr).toBe(0)
    expect(await haproxyPids(node())).toEqual(pids)
  }, 600_000)

  test('after a power failure at the switch the new agent starts at boot, and HAProxy serves', async () => {
    const newer = await newerProgram()
    await holdStart()
    const running = run(`pgsvc enroll 10.10.10.11 --program ${newer}`)
    await waitForHold()
    await node().kill()
    const cut = await running
    expect(cut.status).toBe(1)
    expect(cut.stdout).toContain('SSH_LOST')
    await lab.powerOn({ name: 'pg-test-1', address: '10.10.10.11', boots: 'systemd' })
    await waitFor('the new agent', async () => ((await runsProgram(newer)) ? true : undefined))
    await waitFor('HAProxy to serve', serves)
    await node().must(['systemctl', 'start', 'ssh'])
    const again = await run(`pgsvc enroll 10.10.10.11 --program ${newer}`)
    expect(again.status, again.stdout + again.stderr).toBe(0)
    const left = await node().must(['find', '/opt/pgsvc', '/etc/pgsvc', '-name', '*.pgsvc-*'])
    expect(left).toBe('')
    await node().must(['rm', '-r', '/etc/systemd/system/pgsvc-agent.service.d'])
    await node().must(['systemctl', 'daemon-reload'])
  }, 600_000)

  test('unenroll leaves the host as it was, but for HAProxy’s files, and HAProxy runs on', async () => {
    const pids = await haproxyPids(node())
    const files = await serviceTexts(node())

    const done = await run('pgsvc unenroll 10.10.10.11')

    expect(done.status, done.stdout + done.stderr).toBe(0)
    expect(await serviceTexts(node())).toEqual(files)
    expect(await haproxyPids(node())).toEqual(pids)
    expect((await node().exec(['systemctl', 'cat', 'pgsvc-agent'])).status).not.toBe(0)
    const left = (await wholeTree(node())).split('\n')
    expect(left.filter((line) => /pgsvc/.test(line))).toEqual([])
    // What is newer than before the enrolment and a file or a link: HAProxy's alone, and what the lab writes at every boot.
    const others = / (?:\/etc\/haproxy\/|\/etc\/hosts ->)/
    const written = left.filter((line) => /^[fl]/.test(line) && !others.test(line))
    expect(written).toEqual([])
    expect(left.some((line) => line.startsWith('f ') && line.includes('/etc/haproxy/'))).toBe(true)
    // It starts with them too.
    await node().must(['systemctl', 'restart', 'haproxy'])
    await waitFor('HAProxy to serve', async () =>
      (await node().must(['ss', '-Hltn', 'sport = :5433'])).trim() !== '' ? true : undefined,
    )
  }, 300_000)
})
