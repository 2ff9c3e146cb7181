/** Hosts of the lab with a real sshd and sudo, and the admin host's way in to them. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Host, HostAccess, HostProcess } from '../host.ts'
import { BIN, hostPath } from '../pgsvc.ts'
import { waitFor } from '../process.ts'

/** The admin host's own places: /root is shared by all hosts of a lab. */
const CLIENT = '/var/lib/ssh-client'
/** Its ssh_config; commands get it with --ssh-config. */
export const SSH_CONFIG = `${CLIENT}/config`
export const KNOWN_HOSTS = `${CLIENT}/known_hosts`
/** A stand-in for the self-contained program: small, and as good on a machine that has all of it. */
export const PROGRAM = `${CLIENT}/pgsvc-program`

/** Makes the admin host's key, ssh_config (account `dba`) and program. @returns the public key */
export async function prepareClient(admin: Host): Promise<string> {
  await mkdir(admin.file(CLIENT), { recursive: true })
  await admin.must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', `${CLIENT}/key`])
  const lines = [
    'Host *',
    `  IdentityFile ${CLIENT}/key`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${KNOWN_HOSTS}`,
    '  GlobalKnownHostsFile none',
    '  ConnectTimeout 30',
    '  User dba',
  ]
  await writeFile(admin.file(SSH_CONFIG), `${lines.join('\n')}\n`)
  await writeProgram(admin, PROGRAM, 'current')
  return (await readFile(admin.file(`${CLIENT}/key.pub`), 'utf8')).trim()
}

/** @param remark - makes it another program than one with another remark */
export async function writeProgram(host: Host, file: string, remark: string, lines = ''): Promise<void> {
  const script = `#!/bin/sh\n# ${remark}\nexport PATH='${hostPath()}'\n${lines}\nexec '${BIN}/pgsvc' "$@"\n`
  await writeFile(host.file(file), script, { mode: 0o755 })
}

/**
 * Prepares a host and starts its sshd.
 *
 * @param config - further lines of sshd_config
 */
export async function startSshd(host: Host, publicKey: string, config = ''): Promise<HostProcess> {
  const script = path.join(import.meta.dirname, 'prepare.sh')
  await host.must(['bash', script, publicKey])
  await appendFile(host.file('/etc/ssh/sshd_config'), `${config}\n`)
  const started = await host.spawn('sshd', ['/usr/sbin/sshd', '-D', '-e'])
  await waitFor(`sshd of ${host.name}`, async () => {
    const { stdout } = await host.exec(['ss', '-Hltn', 'sport = :22'])
    return stdout.includes(':22') || undefined
  })
  return started
}

/** Writes the hosts' keys into the admin host's known_hosts, as an administrator who has compared them. */
export async function knowHosts(admin: HostAccess, hosts: readonly HostAccess[]): Promise<void> {
  const keys = await Promise.all(
    hosts.map((host) => readFile(host.file('/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')),
  )
  const lines = hosts.map((host, index) => `${host.address} ${(keys[index] ?? '').trim()}\n`)
  await writeFile(admin.file(KNOWN_HOSTS), lines.join(''))
}

/**
 * Waits until nothing of a command that left a node in the middle is at work there: not the restart that it had begun,
 * nor whoever holds its lock.
 */
export async function enrolmentOver(node: HostAccess): Promise<void> {
  await waitFor('what was begun to come to its end', async () =>
    (await node.exec(['pgrep', '-f', 'systemctl restart'])).status === 0 ? undefined : true,
  )
  // Opened for reading: a lock file that is made by a look would be one that nobody takes away.
  const isFree = 'f=/run/pgsvc-enrolment.lock; [ ! -e $f ] || flock -n 9 9<$f'
  await waitFor('the node to be free', async () =>
    (await node.exec(['bash', '-c', isFree])).status === 0 ? true : undefined,
  )
}

/** Everything that enrolment could touch, with modes and contents: a line for each file, link and directory. */
export async function traceTree(host: HostAccess): Promise<string> {
  const places =
    '/etc/pgsvc /etc/systemd /etc/haproxy /opt /var/lib/pgsvc /run/pgsvc /usr/bin/pgsvc /usr/local/bin/pgsvc'
  const find = `find ${places} -printf '%y %m %u %p -> %l\\n' 2>/dev/null | sort; find ${places} -type f -not -name agent.pid -exec sha256sum {} + 2>/dev/null | sort -k 2`
  return (await host.exec(['bash', '-c', find])).stdout
}
