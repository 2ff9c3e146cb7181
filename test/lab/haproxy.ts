/** A host's HAProxy: the base configuration that Pigsty's node role writes, the start, and what it says. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import net from 'node:net'
import type { Host, HostAccess, HostProcess } from './host.ts'
import { waitFor } from './process.ts'

/** Base configuration in the shape of Pigsty's: sockets, limits, time-outs, the page on 9101; no services. */
const BASE_CFG = `global
    daemon
    user haproxy
    group haproxy
    node NODE
    pidfile /run/haproxy.pid
    stats socket /run/haproxy.sock mode 600 level admin
    stats timeout 30s
    maxconn MAXCONN

defaults
    mode tcp
    retries 3
    timeout queue 3s
    timeout connect 3s
    timeout client 24h
    timeout server 24h
    timeout check 3s

listen stats
    bind *:9101
    mode http
    stats enable
    stats uri /
`

/** Command line of Pigsty's systemd unit. */
export const HAPROXY_ARGS = [
  '-Ws',
  '-f',
  '/etc/haproxy/haproxy.cfg',
  '-f',
  '/etc/haproxy/conf.d',
  '-S',
  '/run/haproxy-master.sock',
] as const

/** Writes the base configuration and starts HAProxy; resolves when it answers. */
export async function startHaproxy(host: Host): Promise<HostProcess> {
  await writeHaproxyConfig(host)
  const started = await host.spawn('haproxy', ['haproxy', ...HAPROXY_ARGS])
  await waitFor(`HAProxy of ${host.name}`, () => workerPid(host))
  // The worker answers before the master does, and a reload signal sent in between is lost (seen on 2.6.12).
  const master = host.file('/run/haproxy-master.sock')
  await waitFor(`HAProxy's master of ${host.name}`, async () => (await ask(master, 'show proc')) || undefined)
  return started
}

/** Writes the base configuration, with an empty directory of services. */
export async function writeHaproxyConfig(host: HostAccess): Promise<void> {
  await mkdir(host.file('/etc/haproxy/conf.d'), { recursive: true })
  const base = BASE_CFG.replace('NODE', host.name).replace('MAXCONN', String(await maxConnections(host)))
  await writeFile(host.file('/etc/haproxy/haproxy.cfg'), base)
}

/** Pigsty's 65535, or what the limit on open files allows: two per connection, and some for listeners and checks. */
async function maxConnections(host: HostAccess): Promise<number> {
  const limit = Number(await host.must(['bash', '-c', 'ulimit -Hn'])) // NaN when it says "unlimited"
  return Number.isNaN(limit) ? 65_535 : Math.min(65_535, Math.floor((limit - 2_000) / 2))
}

/** Pid (as the host sees it) of the worker that answers on the stats socket; undefined when none does. */
export async function workerPid(host: HostAccess): Promise<number | undefined> {
  const info = await ask(host.file('/run/haproxy.sock'), 'show info')
  const pid = /^Pid: (\d+)$/m.exec(info)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** How often HAProxy was reloaded since it was started; undefined when its master does not answer. */
export async function reloadsOf(host: HostAccess): Promise<number | undefined> {
  const text = await ask(host.file('/run/haproxy-master.sock'), 'show proc')
  const count = /^\d+\s+master\s+(\d+)/m.exec(text)?.[1]
  return count === undefined ? undefined : Number(count)
}

/** Servers by state, "<service>/<server>" → "UP" or "DOWN"; empty when HAProxy does not answer. */
export async function serverStates(host: HostAccess): Promise<ReadonlyMap<string, string>> {
  const text = await ask(host.file('/run/haproxy.sock'), 'show stat')
  const rows = text.split('\n').map((line) => line.split(','))
  const servers = rows.filter(
    (row) => row[1] !== undefined && !['svname', 'FRONTEND', 'BACKEND'].includes(row[1]),
  )
  return new Map(servers.map((row) => [`${row[0]}/${row[1]}`, (row[17] ?? '').split(' ')[0] ?? '']))
}

/** Reloads as Pigsty's unit does: asks the master by signal. */
export async function signalReload(host: Host): Promise<void> {
  const master = (await readFile(host.file('/run/haproxy.pid'), 'utf8')).trim()
  await host.must(['kill', '-USR2', master])
}

/** One command on a HAProxy socket, read to the end; empty when nobody answers. */
export function ask(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect({ path: socketPath, allowHalfOpen: true })
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on('connect', () => socket.end(`${command}\n`))
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}
