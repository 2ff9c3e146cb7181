/**
 * An operator's Ansible on a host of the lab: Debian's, with a playbook that does to HAProxy what Pigsty's do.
 *
 * It runs on the host itself: how it gets there is nothing to HAProxy.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HAPROXY_ARGS } from './haproxy.ts'
import type { Host } from './host.ts'
import { hostPath } from './pgsvc.ts'

/** node.yml; what bin/pgsql-svc makes of pgsql.yml; pgsql-rm. */
export type Playbook = 'node' | 'svc' | 'rm'

export interface File {
  /** Without `.cfg`. */
  readonly name: string
  readonly text: string
}

export interface PlaybookVars {
  readonly clean?: boolean
  readonly node_files?: readonly File[]
  readonly cluster?: string
  readonly services?: readonly File[]
}

/** One run costs several seconds. */
const timeoutMs = 300_000
const home = '/run/ansible'

/** @throws Error with Ansible's words when a task fails */
export async function ansible(host: Host, playbook: Playbook, vars: PlaybookVars = {}): Promise<void> {
  await mkdir(host.file(home), { recursive: true })
  const main = await readFile(host.file('/etc/haproxy/haproxy.cfg'), 'utf8')
  const all = { main: main.trimEnd(), haproxy_args: HAPROXY_ARGS.join(' '), ...vars }
  await writeFile(host.file(`${home}/vars.json`), JSON.stringify(all))
  const env = [
    `PATH=${hostPath()}`,
    // Of its own on each host; the rest of the file system is the machine's.
    `HOME=${home}`,
    `ANSIBLE_LOCAL_TEMP=${home}/tmp`,
    `ANSIBLE_REMOTE_TMP=${home}/tmp`,
    'LC_ALL=C.UTF-8',
    'ANSIBLE_NOCOLOR=1',
    'PYTHONDONTWRITEBYTECODE=1',
  ]
  const args = ['-i', `${host.address},`, '-c', 'local', '-t', playbook]
  const more = ['-e', 'ansible_python_interpreter=/usr/bin/python3', '-e', `@${home}/vars.json`]
  const file = path.join(import.meta.dirname, 'ansible/playbook.yml')
  // Another Python may come first in PATH.
  const command = ['/usr/bin/ansible-playbook', ...args, ...more, file]
  await host.must(['env', '-u', 'ANSIBLE_CONFIG', ...env, ...command], { timeoutMs })
}
