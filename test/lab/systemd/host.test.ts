import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { startLab } from '../lab.ts'
import { isAlive, killPid, waitFor } from '../process.ts'
import { systemdTest } from './systemd-test.ts'

const ADMIN = { name: 'admin', address: '10.10.10.10' } as const
const NODE = { name: 'pg-test-1', address: '10.10.10.11', boots: 'systemd' } as const

/** Control groups that hosts of an owner's labs have, in every hierarchy. */
function groupsOf(owner: number): readonly string[] {
  const root = '/sys/fs/cgroup'
  return readdirSync(root).flatMap((hierarchy) => {
    const directory = path.join(root, hierarchy)
    return readdirSync(directory).filter((name) => name.startsWith(`pgsvc-hosts-${owner}-`))
  })
}

/** Groups that systemd makes for itself where it takes a hierarchy for its own. */
function straySlices(): readonly string[] {
  const root = '/sys/fs/cgroup'
  return ['memory', 'devices', 'pids', 'systemd', 'unified', '.']
    .map((hierarchy) => path.join(root, hierarchy, 'user.slice'))
    .filter((directory) => existsSync(directory))
}

systemdTest(
  'a host boots systemd, on the lab’s network, with nothing but what Debian’s packages brought',
  async () => {
    const lab = await startLab([ADMIN, NODE])
    try {
      const node = lab.host('pg-test-1')
      const shell = async (line: string) => (await node.exec(['bash', '-c', line])).stdout.trim()

      expect(await shell('systemctl is-system-running')).toBe('running')
      expect(await shell('systemd-run --quiet --wait --pipe hostname')).toBe('pg-test-1')
      expect(await shell('ip -o -4 address show dev eth0')).toContain('10.10.10.11/24')
      expect(await shell('getent hosts admin')).toMatch(/^10\.10\.10\.10\s/)
      expect(await shell('type -P node npm; ls /opt /usr/local /srv /home')).not.toMatch(/node|npm/)
      expect(await shell(`ls -d ${path.join(import.meta.dirname, '../../..')}`)).toBe('')
      // What is the kernel's is the machine's.
      expect((await node.exec(['bash', '-c', 'echo 1 >/proc/sys/kernel/printk'])).status).not.toBe(0)
      expect((await node.exec(['systemd-run', '--wait', 'date', '-s', '@1'])).status).not.toBe(0)
    } finally {
      await lab.stop()
    }
  },
)

systemdTest(
  'a host that reboots comes back with its disk, and a lab that was stopped leaves no group',
  async () => {
    const before = straySlices()
    const lab = await startLab([NODE])
    try {
      const node = lab.host('pg-test-1')
      await node.must(['bash', '-c', 'echo kept >/var/lib/kept; sync'])
      expect(groupsOf(process.pid)).not.toEqual([])

      await node.exec(['systemctl', 'reboot'])
      await waitFor('the host to go down', () => (isAlive(node.initPid) ? undefined : true))
      const again = await lab.powerOn(NODE)

      expect(await again.must(['cat', '/var/lib/kept'])).toBe('kept\n')
      const boots = await again.must(['journalctl', '--list-boots', '--quiet', '--no-pager'])
      expect(boots.trim().split('\n').length).toBe(2)
    } finally {
      await lab.stop()
    }
    expect(groupsOf(process.pid)).toEqual([])
    expect(straySlices()).toEqual(before)
  },
)

systemdTest('a host goes with the owner of its lab, and the next lab removes its groups', async () => {
  const script = path.join(import.meta.dirname, '../../support/lab-owner/main.ts')
  const owner = spawn(process.execPath, [script, 'systemd'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pids = await new Promise<number[]>((resolve) => {
    owner.stdout.once('data', (chunk: Buffer) => resolve(JSON.parse(chunk.toString('utf8'))))
  })
  expect(groupsOf(owner.pid ?? 0)).not.toEqual([])

  killPid(owner.pid ?? 0)
  await waitFor('the host to go', () => (pids.some(isAlive) ? undefined : true))
  await waitFor('the next lab to remove what was left', async () => {
    await (await startLab([])).stop()
    return groupsOf(owner.pid ?? 0).length === 0 || undefined
  })
})
