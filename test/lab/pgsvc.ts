/** pgsvc itself on the lab's hosts, as an operator would run it: the built program, certificates, daemons. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Host, HostAccess, HostProcess } from './host.ts'
import { type RunResult, run, waitFor } from './process.ts'

const PROJECT = path.join(import.meta.dirname, '../..')
/** Where the built launchers are. */
export const BIN = path.join(PROJECT, 'dist/bin')
/** The inventory on the admin host. */
export const INVENTORY_FILE = '/etc/pigsty/pigsty.yml'

/** Default port of the controller. */
const PORT = 9750

/** Builds the program unless what is there is newer than every source. Runs at most once at a time. */
export async function ensureBuilt(): Promise<void> {
  const lock = path.join(PROJECT, 'node_modules/.cache/pgsvc-build.lock')
  await mkdir(path.dirname(lock), { recursive: true })
  const script = `
    newest=$(find bin shared controller agent scripts/build.ts package-lock.json -type f -newer dist/bin/pgsvc 2>/dev/null | head -1)
    if [ -e dist/bin/pgsvc ] && [ -z "$newest" ]; then exit 0; fi
    exec "$0" scripts/build.ts`
  const command = `cd '${PROJECT}' && exec flock '${lock}' bash -c "$1" "$0"`
  const built = await run('bash', ['-c', command, process.execPath, script], { timeoutMs: 120_000 })
  if (built.status !== 0) throw new Error(`scripts/build.ts failed: ${built.stderr.slice(-2_000)}`)
}

/** Runs a line in a shell on a host, with the commands of pgsvc on the PATH. */
export function shell(
  host: HostAccess,
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

/** Further lines of the daemons' configuration files (docs/configuration.md). */
export interface Settings {
  readonly controller?: string
  readonly agent?: string
}

/** Makes the certificate authority on the admin host, and the controller's own certificate and configuration. */
export async function prepareController(admin: Host, { controller = '' }: Settings = {}): Promise<void> {
  await writeFile(admin.file('/etc/pgsvc/controller.yml'), `inventory: ${INVENTORY_FILE}\n${controller}`)
  await mustShell(admin, 'pgsvc pki init && pgsvc pki issue controller --out /etc/pgsvc')
  await mustShell(admin, 'cp /etc/pgsvc/pki/ca.crt /etc/pgsvc/')
}

/** Makes a node's certificate on the admin host, carries it to the node as an operator would by scp, configures the agent. */
export async function enroll(admin: Host, node: Host, { agent = '' }: Settings = {}): Promise<void> {
  await mustShell(admin, `pgsvc pki issue node ${node.address}`)
  const pki = admin.file('/etc/pgsvc/pki')
  await cp(`${pki}/ca.crt`, node.file('/etc/pgsvc/ca.crt'))
  await cp(`${pki}/node-${node.address}.crt`, node.file('/etc/pgsvc/agent.crt'))
  await cp(`${pki}/node-${node.address}.key`, node.file('/etc/pgsvc/agent.key'))
  await writeFile(
    node.file('/etc/pgsvc/agent.yml'),
    `node: ${node.address}\ncontrollers: [ "${admin.address}:${PORT}" ]\n${agent}`,
  )
}

/** Starts the controller; resolves when it answers commands. */
export async function startController(admin: Host): Promise<HostProcess> {
  const started = await admin.spawn('controller', [`${BIN}/pgsvc`, 'controller'], { PATH: hostPath() })
  const UNREACHABLE = 3
  await waitFor('the controller to answer', async () => {
    const ended = await Promise.race([started.exited, Promise.resolve('running' as const)])
    if (ended !== 'running') throw new Error(`the controller ended: ${await logOf(admin, 'controller')}`)
    return (await shell(admin, 'pgsvc status')).status === UNREACHABLE ? undefined : true
  })
  return started
}

/** Starts the agent of a node. */
export function startAgent(node: Host): Promise<HostProcess> {
  return node.spawn('agent', [`${BIN}/pgsvc`, 'agent'], { PATH: hostPath() })
}

/** What a program that was started with `spawn` has printed. */
export function logOf(host: Host, log: string): Promise<string> {
  return readFile(host.file(`/run/log/${log}.log`), 'utf8')
}
