import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { reloadsOf } from '../haproxy.ts'
import type { Host } from '../host.ts'
import { startLab } from '../lab.ts'
import { waitFor } from '../process.ts'
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
import { systemdTest } from './systemd-test.ts'

const ADMIN = { name: 'admin', address: '10.10.10.10', boots: 'systemd' } as const
const NODE = { name: 'pg-test-1', address: '10.10.10.11', boots: 'systemd' } as const

async function exists(host: Host, ...files: readonly string[]): Promise<readonly boolean[]> {
  return await Promise.all(files.map(async (file) => (await host.exec(['test', '-e', file])).status === 0))
}

async function isListening(host: Host, port: number): Promise<boolean> {
  return (await host.must(['ss', '-Hltn', `sport = :${port}`])).trim() !== ''
}

/** The same package with a higher version, whose postinst first writes down who the agent is at that moment. */
async function nextVersion(host: Host): Promise<void> {
  const script = `set -e
    cd /tmp && rm -rf next && dpkg-deb -R pgsvc.deb next
    sed -i 's/^Version: .*/&.1/' next/DEBIAN/control
    sed -i '2i systemctl show --property MainPID --value pgsvc-agent >/run/agent-at-postinst' next/DEBIAN/postinst
    dpkg-deb -Znone --root-owner-group --build next pgsvc.deb && rm -rf next`
  await host.must(['bash', '-c', script], { timeoutMs: 120_000 })
}

systemdTest(
  'the package is installed, upgraded, removed and purged, and HAProxy never notices',
  async () => {
    const { deb } = await ensurePackages()
    const lab = await startLab([ADMIN, NODE])
    try {
      const [admin, node] = [lab.host('admin'), lab.host('pg-test-1')]
      await installHaproxy(node)
      const atFirst = await haproxyPids(node)

      // Installed: nothing runs yet, HAProxy is left alone.
      await installDeb(admin, deb)
      await installDeb(node, deb)
      expect(await unitProperty(node, 'pgsvc-agent', 'ActiveState')).toBe('inactive')
      expect(await unitProperty(node, 'pgsvc-agent', 'UnitFileState')).toBe('disabled')
      expect(await haproxyPids(node)).toEqual(atFirst)
      expect(await node.must(['getent', 'group', 'pgsvc'])).toMatch(/^pgsvc:/)

      // Configured and started: both become ready, the agent finds the controller, a publish goes through.
      await startPackagedController(admin)
      expect(await unitProperty(admin, 'pgsvc-controller', 'SubState')).toBe('running')
      await configureAgent(admin, node)
      await node.must(['systemctl', 'enable', '--now', '--quiet', 'pgsvc-agent'])
      await waitForConnected(node)
      const published = await admin.exec(['pgsql-svc', 'pg-test', '10.10.10.11'], { timeoutMs: 120_000 })
      expect(published.stdout + published.stderr).toContain('[ OK ]')
      expect(published.status).toBe(0)
      expect(await isListening(node, 5433)).toBe(true)

      // Upgraded: the old agent goes on until the new one takes its place.
      const [master, reloads, oldAgent, oldController] = [
        (await haproxyPids(node)).master,
        await reloadsOf(node),
        await unitProperty(node, 'pgsvc-agent', 'MainPID'),
        await unitProperty(admin, 'pgsvc-controller', 'MainPID'),
      ]
      await writeFile(node.file('/etc/default/pgsvc-agent'), 'PGSVC_LOG_LEVEL=debug\n')
      await nextVersion(node)
      await node.must(['dpkg', '--install', '/tmp/pgsvc.deb'], { timeoutMs: 180_000 })
      await cp(node.file('/tmp/pgsvc.deb'), admin.file('/tmp/pgsvc.deb'))
      await admin.must(['dpkg', '--install', '/tmp/pgsvc.deb'], { timeoutMs: 180_000 })
      expect((await readFile(node.file('/run/agent-at-postinst'), 'utf8')).trim()).toBe(oldAgent)
      await waitForStream(admin, node)
      expect(await unitProperty(node, 'pgsvc-agent', 'MainPID')).not.toBe(oldAgent)
      expect(await unitProperty(admin, 'pgsvc-controller', 'MainPID')).not.toBe(oldController)
      expect(await readFile(node.file('/etc/default/pgsvc-agent'), 'utf8')).toBe('PGSVC_LOG_LEVEL=debug\n')
      expect([(await haproxyPids(node)).master, await reloadsOf(node)]).toEqual([master, reloads])

      // Removed: units stop, what HAProxy serves stays, and so does what is remembered.
      const served = await readdir(node.file('/etc/haproxy/conf.d'))
      await node.must(['dpkg', '--remove', 'pgsvc'])
      expect(await unitProperty(node, 'pgsvc-agent', 'ActiveState')).toBe('inactive')
      expect(await exists(node, '/opt/pgsvc', '/usr/bin/pgsvc', '/var/lib/pgsvc/agent')).toEqual([
        false,
        false,
        true,
      ])
      expect(await readdir(node.file('/etc/haproxy/conf.d'))).toEqual(served)
      expect([(await haproxyPids(node)).master, await reloadsOf(node)]).toEqual([master, reloads])

      // Purged: nothing of ours is left but HAProxy's files, and HAProxy starts with them.
      await node.must(['dpkg', '--purge', 'pgsvc'])
      expect(
        await exists(node, '/var/lib/pgsvc', '/etc/pgsvc', '/etc/default/pgsvc-agent', '/run/pgsvc'),
      ).toEqual([false, false, false, false])
      await node.must(['systemctl', 'restart', 'haproxy'])
      await waitFor('HAProxy to serve again', async () => (await isListening(node, 5433)) || undefined)

      await admin.must(['dpkg', '--purge', 'pgsvc'])
      expect(await exists(admin, '/etc/pgsvc/pki/ca.key', '/var/lib/pgsvc')).toEqual([true, false])
    } finally {
      await lab.stop()
    }
  },
  300_000,
)
