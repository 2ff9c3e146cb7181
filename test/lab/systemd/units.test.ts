import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Host } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { isAlive, waitFor } from '../process.ts'
import { whyNoSystemd } from './cgroups.ts'
import {
  configureAgent,
  ensurePackages,
  haproxyPids,
  installDeb,
  installHaproxy,
  startPackagedController,
  unitProperty,
  waitForConnected,
  waitForStream,
} from './packaged.ts'

const ADMIN = { name: 'admin', address: '10.10.10.10', boots: 'systemd' } as const
const NODE = { name: 'pg-test-1', address: '10.10.10.11', boots: 'systemd' } as const
const why = whyNoSystemd()

/** Resolves when the agent is up again as another process, and connected. */
async function waitForSuccessor(node: Host, oldPid: string): Promise<void> {
  await waitFor('another agent', async () => {
    const pid = await unitProperty(node, 'pgsvc-agent', 'MainPID')
    return (pid !== oldPid && pid !== '0') || undefined
  })
  await waitForConnected(node)
}

async function journalOfAgent(node: Host): Promise<string> {
  return await node.must(['journalctl', '--no-pager', '--unit', 'pgsvc-agent'])
}

async function waitForService(node: Host): Promise<void> {
  await waitFor('HAProxy to serve port 5433', async () => {
    return (await node.must(['ss', '-Hltn', 'sport = :5433'])).trim() !== '' || undefined
  })
}

describe.skipIf(why !== undefined)(`units under systemd${why ? ` (skipped: ${why})` : ''}`, () => {
  let lab: Lab
  const admin = () => lab.host('admin')
  const node = () => lab.host('pg-test-1')

  beforeAll(async () => {
    const { deb } = await ensurePackages()
    lab = await startLab([ADMIN, NODE])
    await installHaproxy(node())
    await Promise.all([installDeb(admin(), deb), installDeb(node(), deb)])
    await startPackagedController(admin())
    await configureAgent(admin(), node())
    await node().must(['systemctl', 'enable', '--now', '--quiet', 'pgsvc-agent'])
    await waitForConnected(node())
    await admin().must(['pgsql-svc', 'pg-test', NODE.address], { timeoutMs: 120_000 })
    await waitForService(node())
  }, 400_000)

  afterAll(() => lab?.stop())

  test('systemd finds nothing to complain about in the units and in HAProxy’s with the drop-in', async () => {
    const units = ['pgsvc-agent', 'pgsvc-controller', 'pgsvc-recover', 'haproxy'].map(
      (name) => `${name}.service`,
    )

    const verified = await node().exec(['systemd-analyze', 'verify', ...units])

    expect(verified.stderr + verified.stdout).toBe('')
    expect(verified.status).toBe(0)
    expect(await unitProperty(node(), 'haproxy', 'Wants')).toContain('pgsvc-recover.service')
  })

  test('an agent that is killed again and again is started again, and HAProxy never notices', async () => {
    const before = await haproxyPids(node())

    for (let kill = 1; kill <= 6; kill += 1) {
      const pid = await unitProperty(node(), 'pgsvc-agent', 'MainPID')
      await node().must(['kill', '-KILL', pid])
      await waitForSuccessor(node(), pid)
    }

    expect(Number(await unitProperty(node(), 'pgsvc-agent', 'NRestarts'))).toBeGreaterThanOrEqual(6)
    expect(await haproxyPids(node())).toEqual(before)
  })

  test('the watchdog lets an agent be that is well, kills one that stands still, and another takes its place', async () => {
    const dropIn = node().file('/etc/systemd/system/pgsvc-agent.service.d')
    await mkdir(dropIn, { recursive: true })
    await writeFile(`${dropIn}/watchdog.conf`, '[Service]\nWatchdogSec=20\n')
    await node().must(['bash', '-c', 'systemctl daemon-reload && systemctl restart pgsvc-agent'])
    await waitForConnected(node())
    const before = await haproxyPids(node())
    const pid = await unitProperty(node(), 'pgsvc-agent', 'MainPID')

    // One that is well says so in time.
    await sleep(25_000)
    expect(await unitProperty(node(), 'pgsvc-agent', 'MainPID')).toBe(pid)

    await node().must(['kill', '-STOP', pid])
    await waitForSuccessor(node(), pid)

    const journal = await journalOfAgent(node())
    expect(journal).toContain('Watchdog timeout')
    expect(await haproxyPids(node())).toEqual(before)
    await rm(dropIn, { recursive: true })
    await node().must(['systemctl', 'daemon-reload'])
  }, 300_000)

  test('an agent is ready without a controller, and says so', async () => {
    await admin().must(['systemctl', 'stop', 'pgsvc-controller'])

    // `systemctl restart` returns when the unit is ready, or has failed.
    await node().must(['systemctl', 'restart', 'pgsvc-agent'])
    await waitFor('the agent to say that it is alone', async () => {
      return (
        (await unitProperty(node(), 'pgsvc-agent', 'StatusText')).startsWith('no controller: ') || undefined
      )
    })
    expect(await unitProperty(node(), 'pgsvc-agent', 'SubState')).toBe('running')

    await admin().must(['systemctl', 'start', 'pgsvc-controller'])
    await waitForStream(admin(), node())
  })

  test('with the privileges of the units certificates are renewed, and it is known who came by the group’s socket', async () => {
    const serials = async () => {
      const { certificates }: { certificates: { kind: string; serial: string }[] } = JSON.parse(
        await admin().must(['pgsvc', 'pki', 'list', '--json']),
      )
      return new Map(certificates.map(({ kind, serial }) => [kind, serial]))
    }
    const shown = () =>
      admin().must(['openssl', 'x509', '-in', '/etc/pgsvc/controller.crt', '-noout', '-serial'])
    const [before, ownBefore] = [await serials(), await shown()]
    await admin().must(['pgsvc', 'pki', 'renew', 'controller'])
    await admin().must(['pgsvc', 'pki', 'renew', 'nodes', NODE.address])
    await waitFor('the node to have another certificate', async () => {
      return (await serials()).get('node') !== before.get('node') || undefined
    })
    expect(await shown()).not.toBe(ownBefore)
    await node().must(['systemctl', 'restart', 'pgsvc-agent'])
    await waitForConnected(node())

    await appendFile(admin().file('/etc/pgsvc/controller.yml'), 'socket_group: pgsvc\n')
    await admin().must(['useradd', '--groups', 'pgsvc', 'alice'])
    await admin().must(['systemctl', 'restart', 'pgsvc-controller'])
    const status = ['pgsvc', 'history', 'pg-test', '--controller', 'unix:/run/pgsvc/group.sock']
    await admin().must(['runuser', '-u', 'alice', '--', ...status])
    const { stdout } = await admin().exec(['pgsvc', 'audit', '--json'])
    const records = stdout
      .trim()
      .split('\n')
      .map((line): { what: string; who: string } => JSON.parse(line))
    expect(records.filter(({ what }) => what === 'History').map(({ who }) => who)).toEqual([
      expect.stringMatching(/^uid \d{4,} \(alice\)$/),
    ])
    await waitForStream(admin(), node())
  })

  test('an agent whose directory was made anew makes room for one that may write there', async () => {
    const pid = await unitProperty(node(), 'pgsvc-agent', 'MainPID')
    const { master } = await haproxyPids(node())
    // As a role does that clears it first.
    await node().must([
      'sh',
      '-c',
      'cp -a /etc/haproxy /etc/new && rm -rf /etc/haproxy && mv /etc/new /etc/haproxy',
    ])
    await waitForSuccessor(node(), pid)

    const repairs = async () => (await journalOfAgent(node())).split('put files back').length - 1
    const before = await repairs()
    const file = '/etc/haproxy/conf.d/pg-test-primary.cfg'
    await node().must(['rm', file])
    // The file alone is there before the repair is confirmed; an agent stopped in between takes it away again.
    await waitFor('the repair to be told', async () => {
      return (await repairs()) > before || undefined
    })
    expect(existsSync(node().file(file))).toBe(true)
    // Not its worker: an agent that has just started has seen nobody load this file.
    expect((await haproxyPids(node())).master).toBe(master)
  }, 200_000)

  test('HAProxy’s start brings its files back first, also after a crash, and leaves no old states', async () => {
    const invocation = () => unitProperty(node(), 'pgsvc-recover', 'ExecMainStartTimestampMonotonic')
    await node().must(['systemctl', 'stop', 'haproxy', 'pgsvc-agent'])
    const first = await invocation()
    const files = await readdir(node().file('/etc/haproxy/conf.d'))
    await rm(node().file('/etc/haproxy/conf.d'), { recursive: true })
    await rm(node().file('/etc/haproxy/pgsvc'), { recursive: true, force: true })

    await node().must(['systemctl', 'start', 'haproxy'])

    expect(await readdir(node().file('/etc/haproxy/conf.d'))).toEqual(files)
    await waitForService(node())
    expect(existsSync(node().file('/run/pgsvc/server-state'))).toBe(false)
    const second = await invocation()
    expect(second).not.toBe(first)
    const master = await unitProperty(node(), 'haproxy', 'MainPID')
    await node().must(['systemctl', 'kill', '--signal=KILL', 'haproxy'])
    await waitFor('HAProxy to start again', async () => {
      const pid = await unitProperty(node(), 'haproxy', 'MainPID')
      return (pid !== master && pid !== '0') || undefined
    })
    await waitForService(node())
    expect(await invocation()).not.toBe(second)
    await node().must(['systemctl', 'start', 'pgsvc-agent'])
    await waitForConnected(node())
  })

  test('after a reboot HAProxy serves and the agent is connected, without anybody’s help', async () => {
    const { initPid } = node()
    await node().exec(['systemctl', 'reboot'])
    await waitFor('the host to go down', () => (isAlive(initPid) ? undefined : true))

    const again = await lab.powerOn(NODE)

    await waitForService(again)
    await waitForConnected(again)
    expect(await again.must(['systemctl', '--failed', '--quiet', '--no-pager'])).toBe('')
  })
})
