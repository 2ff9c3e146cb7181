/**
 * Several hosts on one machine, joined by a switch, with no way out.
 *
 * The switch is a bridge in a network namespace of its own; no end of it is in the machine's own network and
 * no host has a default route, so that real addresses and ports can be used and nothing can leave.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readlink, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Host, type HostSpec, startHost } from './host.ts'
import { ended, isAlive, killPid, mustRun, pidOf, waitFor } from './process.ts'

export interface Lab {
  /** Hosts in the order they were asked for. */
  readonly hosts: readonly Host[]
  /** Pid of the process that holds the switch. */
  readonly switchPid: number
  /** A host by name or address; an error when there is none. */
  host(nameOrAddress: string): Host
  /** Starts one more host, or one that was killed, under the name and address it had. */
  add(spec: HostSpec): Promise<Host>
  /** Ends all hosts and the switch. Nothing of the lab is left. */
  stop(): Promise<void>
}

const PREFIX = 'pgsvc-hosts-'

/** Starts the hosts. Needs root. */
export async function startLab(specs: readonly HostSpec[]): Promise<Lab> {
  await sweep()
  const scratch = await mkdtemp(path.join(tmpdir(), `${PREFIX}${process.pid}-`))
  const lanSwitch = await startSwitch()
  const hosts = new Map<string, Host>()
  let ports = 0
  const add = async (spec: HostSpec): Promise<Host> => {
    const port = `v${ports++}`
    const host = await startHost(spec, scratch)
    hosts.set(spec.name, host)
    await plugIn(lanSwitch.pid, host, port)
    await writeHostsFiles([...hosts.values()])
    return host
  }
  const stop = async (): Promise<void> => {
    await Promise.all([...hosts.values()].map((host) => host.kill()))
    killPid(lanSwitch.pid)
    await ended(lanSwitch.child)
    await rmdir(scratch)
  }
  try {
    for (const host of await Promise.all(specs.map((spec) => startHost(spec, scratch)))) {
      hosts.set(host.name, host)
      await plugIn(lanSwitch.pid, host, `v${ports++}`)
    }
    await writeHostsFiles([...hosts.values()])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    switchPid: lanSwitch.pid,
    hosts: specs.map((spec) => find(hosts, spec.name)),
    host: (key) => find(hosts, key),
    add,
    stop,
  }
}

function find(hosts: ReadonlyMap<string, Host>, key: string): Host {
  const found = hosts.get(key) ?? [...hosts.values()].find((host) => host.address === key)
  if (!found) throw new Error(`the lab has no host ${key}`)
  return found
}

interface Switch {
  readonly pid: number
  readonly child: ChildProcess
}

async function startSwitch(): Promise<Switch> {
  // `unshare` execs, so this pid is in the new namespace as soon as the bridge can be made there.
  const args = ['--pdeathsig', 'KILL', 'unshare', '--net', 'sleep', 'infinity']
  const child = spawn('setpriv', args, { stdio: 'ignore', detached: true })
  const pid = await pidOf(child, 'the lab switch')
  const outside = await readlink('/proc/self/ns/net')
  await waitFor('the switch', async () =>
    (await readlink(`/proc/${pid}/ns/net`)) === outside ? undefined : true,
  )
  await ip(pid, ['link add br0 type bridge', 'link set br0 up'])
  return { pid, child }
}

async function plugIn(switchPid: number, host: Host, port: string): Promise<void> {
  const cable = `link add ${port} type veth peer name eth0 netns ${host.initPid}`
  await ip(switchPid, [cable, `link set ${port} master br0 up`])
  await ip(host.initPid, [`addr add ${host.address}/24 dev eth0`, 'link set lo up', 'link set eth0 up'])
}

async function ip(pid: number, commands: readonly string[]): Promise<void> {
  await mustRun('nsenter', ['-t', String(pid), '-n', 'ip', '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
  })
}

async function writeHostsFiles(hosts: readonly Host[]): Promise<void> {
  const lines = hosts.map((host) => `${host.address} ${host.name}\n`)
  const text = `127.0.0.1 localhost\n${lines.join('')}`
  await Promise.all(
    hosts.filter((host) => isAlive(host.initPid)).map((host) => writeFile(host.file('/etc/hosts'), text)),
  )
}

/** Removes mount points of labs whose owner was killed before it could; they are empty directories. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN
    if (!Number.isInteger(owner) || isAlive(owner)) continue
    await rmdir(path.join(tmpdir(), name)).catch(() => undefined)
  }
}
