/** A package and an enrolment on one host, one after the other. HAProxy and what an agent remembers outlive both. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import { configPath, programPath, unitPath } from '../../../controller/enroll/paths.ts'
import { units } from '../../../controller/enroll/units.ts'
import type { Host } from '../host.ts'
import { startLab } from '../lab.ts'
import { waitFor } from '../process.ts'
import {
  ensurePackages,
  ensureProgram,
  haproxyPids,
  installDeb,
  installHaproxy,
  unitProperty,
} from './packaged.ts'
import { systemdTest } from './systemd-test.ts'

const NODE = { name: 'pg-test-1', address: '10.10.10.11', boots: 'systemd' } as const
const AGENT = 'pgsvc-agent.service'

/** As an enrolment leaves a node: program, units, configuration and key in their places, and the agent started. */
async function enrolled(node: Host): Promise<void> {
  await mkdir(path.dirname(node.file(programPath)), { recursive: true })
  await cp(await ensureProgram(), node.file(programPath))
  for (const [name, text] of Object.entries(units)) {
    await mkdir(path.dirname(node.file(unitPath(name))), { recursive: true })
    await writeFile(node.file(unitPath(name)), text)
  }
  await mkdir(path.dirname(node.file(configPath)), { recursive: true })
  await writeFile(node.file(configPath), `node: ${NODE.address}\ncontrollers: [ "10.10.10.10:9750" ]\n`)
  const certificate = `set -e; cd /etc/pgsvc
    ${programPath} pki init --dir /root/pki && ${programPath} pki issue node ${NODE.address} --dir /root/pki
    cp /root/pki/ca.crt ca.crt
    cp /root/pki/node-${NODE.address}.crt agent.crt && cp /root/pki/node-${NODE.address}.key agent.key
    systemctl daemon-reload && systemctl enable --now --quiet ${AGENT}`
  await node.must(['bash', '-c', certificate], { timeoutMs: 120_000 })
}

async function programOf(node: Host): Promise<string> {
  const pid = await unitProperty(node, AGENT, 'MainPID')
  return (await node.must(['readlink', `/proc/${pid}/exe`])).trim()
}

async function isRunning(node: Host): Promise<true | undefined> {
  return (await unitProperty(node, AGENT, 'ActiveState')) === 'active' ? true : undefined
}

async function ours(node: Host, directory: string): Promise<string> {
  return await node.must(['find', directory, '-name', '*pgsvc*', '!', '-type', 'd'])
}

systemdTest(
  'a package takes an enrolled agent over, lets go of it, and purging leaves the next enrolment alone',
  async () => {
    const { deb } = await ensurePackages()
    const lab = await startLab([NODE])
    try {
      const node = lab.host(NODE.name)
      await installHaproxy(node)
      await enrolled(node)
      // One unit is of another version.
      const recover = unitPath('pgsvc-recover.service')
      await writeFile(node.file(recover), `# Another version.\n${units['pgsvc-recover.service']}`)
      const [before, oldAgent] = [await haproxyPids(node), await unitProperty(node, AGENT, 'MainPID')]

      // The package's program runs, by the package's units, enabled as before.
      await installDeb(node, deb)
      await waitFor('the agent of the package', () => isRunning(node))
      expect(await unitProperty(node, AGENT, 'MainPID')).not.toBe(oldAgent)
      expect(await programOf(node)).toBe(programPath)
      expect(await unitProperty(node, AGENT, 'FragmentPath')).toMatch(/^(\/usr)?\/lib\/systemd\//)
      expect(await unitProperty(node, AGENT, 'UnitFileState')).toBe('enabled')
      expect(await unitProperty(node, 'haproxy', 'DropInPaths')).toMatch(
        /^(\/usr)?\/lib\/systemd\/system\/haproxy.service.d\/pgsvc.conf$/,
      )
      expect((await ours(node, '/etc/systemd/system')).trim().split('\n').sort()).toEqual([
        '/etc/systemd/system/multi-user.target.wants/pgsvc-agent.service',
        `${recover}.before-package`,
      ])

      // A removal that fails half-way: what ran, runs, at the next boot too.
      const prerm = '/var/lib/dpkg/info/pgsvc.prerm'
      await node.must(['sh', '-c', `cp ${prerm} /tmp/prerm && echo 'exit 1' >>${prerm}`])
      expect((await node.exec(['dpkg', '--remove', 'pgsvc'])).status).not.toBe(0)
      await waitFor('the agent to run again', () => isRunning(node))
      expect(await unitProperty(node, AGENT, 'UnitFileState')).toBe('enabled')
      await node.must(['cp', '/tmp/prerm', prerm])

      await node.must(['dpkg', '--remove', 'pgsvc'])
      expect(await unitProperty(node, AGENT, 'ActiveState')).toBe('inactive')
      expect(await ours(node, '/etc/systemd/system')).toBe(`${recover}.before-package\n`)

      // Installed again over another enrolment: a package that was gone meanwhile has the say again, and nothing is lost.
      await enrolled(node)
      await writeFile(node.file(recover), `# A third version.\n${units['pgsvc-recover.service']}`)
      await installDeb(node, deb)
      await waitFor('the agent of the package', () => isRunning(node))
      expect(await unitProperty(node, 'pgsvc-recover', 'FragmentPath')).toMatch(/^(\/usr)?\/lib\/systemd\//)
      const kept = [`${recover}.before-package`, `${recover}.before-package.1`]
      const [second, third] = await Promise.all(kept.map((file) => readFile(node.file(file), 'utf8')))
      expect([second?.split('\n')[0], third?.split('\n')[0]]).toEqual([
        '# Another version.',
        '# A third version.',
      ])
      // One that is there when the package is only upgraded may be meant, and stays.
      await writeFile(node.file(recover), `# The operator's.\n${units['pgsvc-recover.service']}`)
      await installDeb(node, deb)
      expect(await readFile(node.file(recover), 'utf8')).toContain("# The operator's.")
      await rm(node.file(recover))
      await node.must(['dpkg', '--remove', 'pgsvc'])

      // Enrolled once more: what the package remembers of itself is purged, and the agent is not.
      await enrolled(node)
      const agent = await unitProperty(node, AGENT, 'MainPID')
      await node.must(['dpkg', '--purge', 'pgsvc'])
      expect(await unitProperty(node, AGENT, 'MainPID')).toBe(agent)
      await node.must(['test', '-s', '/etc/pgsvc/agent.key'])
      await node.must(['test', '-d', '/var/lib/pgsvc/agent'])
      await node.must(['systemctl', 'restart', AGENT], { timeoutMs: 120_000 })
      expect(await haproxyPids(node)).toEqual(before)

      // A unit that is masked, or edited, is no agent that was enrolled: no key is left for it.
      await installDeb(node, deb)
      await node.must(['dpkg', '--remove', 'pgsvc'])
      await node.must(['systemctl', 'mask', '--quiet', AGENT])
      await node.must(['dpkg', '--purge', 'pgsvc'])
      expect((await node.exec(['test', '-e', '/etc/pgsvc'])).status).toBe(1)
    } finally {
      await lab.stop()
    }
  },
  900_000,
)
