/** Hosts as Pigsty has them: systemd, sshd, an account that becomes root; an admin host with Ansible, and its playbooks. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { HostAccess, HostSpec } from '../host.ts'
import { run, waitFor } from '../process.ts'
import { INVENTORY } from '../topology.ts'

/** Where Pigsty is on the admin host, and where the document's commands are typed. */
export const HOME = '/root/pigsty'

/** The same host, booting systemd. */
export function booting(spec: HostSpec): HostSpec {
  return { ...spec, boots: 'systemd' }
}

/** Gives root of the admin host a key that opens the account `dba` of these hosts, which becomes root as it likes. */
export async function letAdminIn(admin: HostAccess, hosts: readonly HostAccess[]): Promise<void> {
  const ssh = '/root/.ssh'
  await admin.must(['install', '-d', '-m', '700', ssh])
  await admin.must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${ssh}/id_ed25519`])
  await writeFile(admin.file(`${ssh}/config`), 'Host 10.10.10.*\n  User dba\n')
  const key = await readFile(admin.file(`${ssh}/id_ed25519.pub`), 'utf8')
  const known = await Promise.all(hosts.map((host) => startSshd(host, key)))
  await writeFile(admin.file(`${ssh}/known_hosts`), known.join(''))
}

/** @returns its line of known_hosts */
async function startSshd(host: HostAccess, key: string): Promise<string> {
  const script = `set -e
    useradd --create-home --shell /bin/bash dba
    install -d -m 700 -o dba -g dba /home/dba/.ssh
    cat >/home/dba/.ssh/authorized_keys
    printf 'dba ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/dba
    chmod 440 /etc/sudoers.d/dba
    rm -f /etc/ssh/ssh_host_*
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    systemctl start ssh`
  await host.must(['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'bash', '-c', script], { input: key })
  const publicKey = await readFile(host.file('/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
  return `${host.address} ${publicKey.trim()}\n`
}

/** Puts the playbooks, the inventory and an authority where Pigsty has them. */
export async function bringPigsty(admin: HostAccess): Promise<void> {
  await cp(path.join(import.meta.dirname, 'pigsty'), admin.file(HOME), { recursive: true })
  await writeFile(admin.file(`${HOME}/pigsty.yml`), INVENTORY)
  const ca = `${HOME}/files/pki/ca`
  await admin.must(['mkdir', '-p', ca])
  const subject = ['-subj', '/O=pigsty/OU=ca/CN=pigsty-ca', '-days', '3650']
  const files = ['-keyout', `${ca}/ca.key`, '-out', `${ca}/ca.crt`]
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
  const added = extensions.flatMap((one) => ['-addext', one])
  await admin.must([
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-noenc',
    ...subject,
    ...added,
    ...files,
  ])
}

/** Types a line on the admin host, as root in Pigsty's directory. */
export function type(admin: HostAccess, line: string) {
  const env = ['-i', 'HOME=/root', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8']
  return admin.exec(['env', ...env, 'bash', '-c', `exec 2>&1; cd ${HOME} && ${line}`], { timeoutMs: 580_000 })
}

/** As `type`; anything but exit status 0 is an error with the output. */
export async function mustType(admin: HostAccess, line: string): Promise<string> {
  const { status, stdout } = await type(admin, line)
  if (status === 0) return stdout
  throw new Error(`${line}: status ${status}\n${stdout}`)
}

/** Starts the database's stand-in in a host's network; its program is the machine's, which the host does not see. */
export async function startStandInBeside(
  host: HostAccess,
  start: (args: readonly string[]) => void,
): Promise<void> {
  const roleFile = host.file('/run/stand-in-role')
  await mkdir(path.dirname(roleFile), { recursive: true })
  await writeFile(roleFile, host.name.endsWith('-1') ? 'primary' : 'replica')
  const program = path.join(import.meta.dirname, '../stand-in/main.ts')
  start(inNetworkOf(host, [process.execPath, program, host.name, roleFile]))
  await waitFor(`the stand-in of ${host.name}`, async () => {
    const { stdout } = await run('nsenter', [
      '-t',
      String(host.initPid),
      '-n',
      'ss',
      '-Hltn',
      'sport = :8008',
    ])
    return stdout.includes(':8008') || undefined
  })
}

/** A command line that runs a program of this machine in a host's network, until this process ends. */
export function inNetworkOf(host: HostAccess, args: readonly string[]): readonly string[] {
  return ['setpriv', '--pdeathsig', 'KILL', 'nsenter', '-t', String(host.initPid), '-n', ...args]
}
