/**
 * Hosts under systemd as they are before pgsvc comes: HAProxy, sshd and the account that Ansible uses; on the admin host the
 * package, a controller that runs, and the key to the others.
 */
import { appendFile } from 'node:fs/promises'
import type { Host, HostSpec } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { INVENTORY_FILE } from '../pgsvc.ts'
import { MEMBERS, PROXIES } from '../topology.ts'
import { ensurePackages, installDeb, installHaproxy, startPackagedController } from './packaged.ts'

const ADMIN: HostSpec = { name: 'admin', address: '10.10.10.10', boots: 'systemd' }
export const BARE_NODES: readonly HostSpec[] = [...MEMBERS, ...PROXIES].map((spec) => ({
  ...spec,
  boots: 'systemd',
}))

/** @throws Error where this machine cannot boot systemd in namespaces (cgroups.ts) */
export async function startBareHosts(): Promise<Lab> {
  const { deb } = await ensurePackages()
  const lab = await startLab([ADMIN, ...BARE_NODES])
  const admin = lab.host(ADMIN.name)
  await installDeb(admin, deb)
  await startPackagedController(admin)
  const makeKey = 'mkdir -p -m 700 ~/.ssh && ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519'
  const key = await admin.must(['bash', '-c', `${makeKey} && cat ~/.ssh/id_ed25519.pub`])
  await appendFile(admin.file(INVENTORY_FILE), '    ansible_user: dba\n')
  for (const { name } of BARE_NODES) {
    await installHaproxy(lab.host(name))
    await openToAnsible(lab.host(name), key.trim())
  }
  return lab
}

/** As Pigsty leaves a host: sshd with a key of its own, and an account that becomes root as it likes. */
async function openToAnsible(node: Host, publicKey: string): Promise<void> {
  const script = `set -e
    rm -f /etc/ssh/ssh_host_* && ssh-keygen -q -A
    useradd --create-home --shell /bin/bash --password '*' dba
    install -d -m 700 -o dba -g dba ~dba/.ssh
    cat >~dba/.ssh/authorized_keys && chown dba: ~dba/.ssh/authorized_keys
    echo 'dba ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/dba && chmod 440 /etc/sudoers.d/dba
    systemctl start ssh`
  await node.must(['bash', '-c', script], { input: `${publicKey}\n` })
}
