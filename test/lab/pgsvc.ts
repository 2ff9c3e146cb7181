/** pgsvc itself on the lab's hosts, as an operator would run it: the built program, certificates, daemons. */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Host, HostProcess } from './host.ts'
import { type RunResult, waitFor } from './process.ts'

const PROJECT = path.join(import.meta.dirname, '../..')
/** Where the built launchers are. */
export const BIN = path.join(PROJECT, 'dist/bin')
/** The inventory on the admin host. */
export const INVENTORY_FILE = '/etc/pigsty/pigsty.yml'

const PKI_DIR = '/etc/pgsvc/pki'
const PORT = 7443

/** Builds the program unless what is there is newer than every source. Runs at most once at a time. */
export async function ensureBuilt(): Promise<void> {
  const lock = path.join(PROJECT, 'node_modules/.cache/pgsvc-build.lock')
  await mkdir(path.dirname(lock), { recursive: true })
  const script = `
    newest=$(find bin shared controller agent scripts/build.ts package-lock.json -type f -newer dist/bin/pgsvc 2>/dev/null | head -1)
    if [ -e dist/bin/pgsvc ] && [ -z "$newest" ]; then exit 0; fi
    exec "$0" scripts/build.ts`
  await promisify(execFile)('flock', [lock, 'bash', '-c', script, process.execPath], { cwd: PROJECT })
}

/** Runs a line in a shell on a host, with the commands of pgsvc on the PATH. */
export function shell(
  host: Host,
  line: string,
  options: { readonly timeoutMs?: number } = {},
): Promise<RunResult> {
  return host.exec(['env', `PATH=${hostPath()}`, 'bash', '-c', line], options)
}

/** As `shell`, but anything other than exit status 0 is an error that shows the output. */
export async function mustShell(host: Host, line: string): Promise<string> {
  const result = await shell(host, line)
  if (result.status === 0) return result.stdout
  throw new Error(`${host.name}: ${line}: status ${result.status}\n${result.stdout}${result.stderr}`)
}

/** PATH on the hosts: ours first; the project's own Node where the launcher looks for one. */
export function hostPath(): string {
  return `${BIN}:${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`
}

/** Makes the certificate authority on the admin host, and the controller's own certificate. */
export async function makePki(admin: Host): Promise<void> {
  await mustShell(
    admin,
    `pgsvc pki init --dir ${PKI_DIR} && pgsvc pki issue --dir ${PKI_DIR} --controller ${admin.address}`,
  )
}

/** Makes a node's certificate on the admin host and carries it to the node, as an operator would by scp. */
export async function enroll(admin: Host, node: Host): Promise<void> {
  await mustShell(admin, `pgsvc pki issue --dir ${PKI_DIR} --node ${node.address}`)
  await cp(admin.file(`${PKI_DIR}/${node.address}`), node.file(PKI_DIR), { recursive: true })
  await chmod(node.file(PKI_DIR), 0o700)
}

/** Starts the controller; resolves when its socket is there. */
export async function startController(admin: Host): Promise<HostProcess> {
  const args = ['controller', '--inventory', INVENTORY_FILE, '--listen', `0.0.0.0:${PORT}`]
  const started = await admin.spawn('controller', [path.join(BIN, 'pgsvc'), ...args], { PATH: hostPath() })
  await waitFor('the controller', async () =>
    (await shell(admin, 'pgsvc status')).status === 3 ? undefined : true,
  )
  return started
}

/** Starts the agent of a node. */
export function startAgent(node: Host, admin: Host): Promise<HostProcess> {
  const args = ['agent', '--controllers', `${admin.address}:${PORT}`]
  return node.spawn('agent', [path.join(BIN, 'pgsvc'), ...args], { PATH: hostPath() })
}
