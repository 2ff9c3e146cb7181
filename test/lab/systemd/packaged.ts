/** pgsvc from its package on hosts that boot systemd: built when needed, installed by dpkg, run by its units. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { workerPid, writeHaproxyConfig } from '../haproxy.ts'
import type { HostAccess } from '../host.ts'
import { INVENTORY_FILE } from '../pgsvc.ts'
import { run, waitFor } from '../process.ts'
import { INVENTORY } from '../topology.ts'

const PROJECT = path.join(import.meta.dirname, '../../..')
/** Where the program is that is built, and where packages of it that take no time to pack. */
export const OUT = path.join(PROJECT, 'dist/package')
const FAST = path.join(PROJECT, 'dist/fast')

/** Builds program and packages unless they are newer than every source. */
export async function ensurePackages(): Promise<{ readonly deb: string; readonly rpm: string }> {
  const { version } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8'))
  const deb = path.join(FAST, `pgsvc_${version}_amd64.deb`)
  const rpm = path.join(FAST, `pgsvc-${version}-1.x86_64.rpm`)
  await ensure([deb, rpm], ['deb', 'rpm', '--fast'])
  return { deb, rpm }
}

/** Builds the self-contained program unless it is newer than every source. */
export async function ensureProgram(): Promise<string> {
  const program = path.join(OUT, `pgsvc-linux-${process.arch}`)
  await ensure([program], ['program'])
  return program
}

/** Runs at most once at a time. */
async function ensure(made: readonly string[], args: readonly string[]): Promise<void> {
  const lock = path.join(PROJECT, 'node_modules/.cache/pgsvc-package.lock')
  await mkdir(path.dirname(lock), { recursive: true })
  const script = `
    missing=no
    for one in ${made.map((file) => `'${file}'`).join(' ')}; do
      [ -e "$one" ] || missing=yes
      newer=$(find bin shared controller agent packaging scripts package-lock.json -type f -newer "$one" 2>/dev/null | head -1)
      [ -z "$newer" ] || missing=yes
    done
    [ $missing = no ] || exec "$0" scripts/packaging/main.ts ${args.join(' ')}`
  const command = `cd '${PROJECT}' && exec flock '${lock}' bash -c "$1" "$0"`
  const built = await run('bash', ['-c', command, process.execPath, script], { timeoutMs: 300_000 })
  if (built.status !== 0)
    throw new Error(`the packages could not be built: ${built.stderr.slice(-2_000)}${built.stdout}`)
}

/** Brings a file to a host and installs it with dpkg. */
export async function installDeb(host: HostAccess, deb: string): Promise<string> {
  await cp(deb, host.file('/tmp/pgsvc.deb'))
  return await host.must(['dpkg', '--install', '/tmp/pgsvc.deb'], { timeoutMs: 180_000 })
}

/** Pigsty's unit, which checks all files before it starts. */
const HAPROXY_UNIT = `[Unit]
Description=HAProxy Load Balancer
After=network.target

[Service]
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "PIDFILE=/run/haproxy.pid" "CFGDIR=/etc/haproxy/conf.d"
ExecStartPre=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q
ExecStart=/usr/sbin/haproxy -Ws -f $CONFIG -f $CFGDIR -p $PIDFILE -S /run/haproxy-master.sock
ExecReload=/usr/sbin/haproxy -f $CONFIG -f $CFGDIR -c -q
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
Restart=always
SuccessExitStatus=143
Type=notify

[Install]
WantedBy=multi-user.target
`

/** HAProxy as Pigsty's node role installs it, running and enabled, without services. */
export async function installHaproxy(host: HostAccess): Promise<void> {
  await writeHaproxyConfig(host)
  await writeFile(host.file('/etc/systemd/system/haproxy.service'), HAPROXY_UNIT)
  await host.must(['systemctl', 'daemon-reload'])
  await host.must(['systemctl', 'enable', '--now', '--quiet', 'haproxy'])
  await waitFor(`HAProxy of ${host.name}`, () => workerPid(host))
}

/** Makes the authority, configures the controller and starts its unit. */
export async function startPackagedController(admin: HostAccess): Promise<void> {
  await mkdir(admin.file('/etc/pigsty'), { recursive: true })
  await writeFile(admin.file(INVENTORY_FILE), INVENTORY)
  await writeFile(admin.file('/etc/pgsvc/controller.yml'), `inventory: ${INVENTORY_FILE}\n`)
  for (const line of [
    'pgsvc pki init && pgsvc pki issue controller --out /etc/pgsvc',
    'systemctl enable --now --quiet pgsvc-controller',
  ])
    await admin.must(['bash', '-c', line])
}

/** Gives a node its certificate and configuration; its agent is not started. */
export async function configureAgent(admin: HostAccess, node: HostAccess): Promise<void> {
  await admin.must(['pgsvc', 'pki', 'issue', 'node', node.address])
  const pki = admin.file('/etc/pgsvc/pki')
  await cp(`${pki}/ca.crt`, node.file('/etc/pgsvc/ca.crt'))
  await cp(`${pki}/node-${node.address}.crt`, node.file('/etc/pgsvc/agent.crt'))
  await cp(`${pki}/node-${node.address}.key`, node.file('/etc/pgsvc/agent.key'))
  await writeFile(
    node.file('/etc/pgsvc/agent.yml'),
    `node: ${node.address}\ncontrollers: [ "${admin.address}:9750" ]\n`,
  )
}

/** One property of a unit, as systemd has it. */
export async function unitProperty(host: HostAccess, unit: string, name: string): Promise<string> {
  return (await host.must(['systemctl', 'show', '--property', name, '--value', unit])).trim()
}

/** Resolves when the agent's unit says that it has a controller. */
export async function waitForConnected(node: HostAccess): Promise<void> {
  await waitFor(`the agent of ${node.name} to be connected`, async () => {
    const status = await unitProperty(node, 'pgsvc-agent', 'StatusText')
    return status.startsWith('connected to') || undefined
  })
}

/**
 * Resolves when the controller has the agent's stream. After a restart of the controller this alone tells: the agent's unit
 * goes on saying that it is connected until the agent has noticed.
 */
export async function waitForStream(admin: HostAccess, node: HostAccess): Promise<void> {
  await waitFor(`the controller to have the stream of ${node.name}`, async () => {
    const { stdout } = await admin.exec(['pgsvc', 'status', '--json'])
    if (!stdout.trim().startsWith('{')) return undefined
    const { nodes = [] }: { nodes?: { node: string; connected: boolean }[] } = JSON.parse(stdout)
    return nodes.some((one) => one.node === node.address && one.connected) || undefined
  })
}

/** Processes of a host's HAProxy: its master, and the worker that answers. */
export async function haproxyPids(host: HostAccess): Promise<{ master: string; worker: number | undefined }> {
  return { master: await unitProperty(host, 'haproxy', 'MainPID'), worker: await workerPid(host) }
}
