/**
 * Several hosts on one machine, joined by a switch, with no way out.
 *
 * The switch is a bridge in a network namespace of its own; no end of it is in the machine's own network and
 * no host has a default route, so that real addresses and ports can be used and nothing can leave.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Host, type HostSpec, startHost, waitForSystemd } from './host.ts'
import { ended, isAlive, killPid, mustRun, pidOf, waitFor } from './process.ts'
import { sweepCgroups } from './systemd/cgroups.ts'

export interface Lab {
  /** Hosts in the order they were asked for; a host that was started again is the new one. */
  readonly hosts: readonly Host[]
  /** Pid of the process that holds the switch and the disks. */
  readonly groundPid: number
  /** A host by name or address; an error when there is none. */
  host(nameOrAddress: string): Host
  /** Starts a host with an empty disk: one more, or one that was killed, under the name and address it had. */
  add(spec: HostSpec): Promise<Host>
  /** Starts a host that was killed with the disk it had, or one more. */
  powerOn(spec: HostSpec): Promise<Host>
  /** What the programs of all hosts have printed, also of those that are dead: "host/program" → text. */
  logs(): Promise<ReadonlyMap<string, string>>
  /** Ends all hosts and the switch; done once. Nothing of the lab is left. */
  stop(): Promise<void>
}

const PREFIX = 'pgsvc-hosts-'

/** Starts the hosts. Needs root. */
export async function startLab(specs: readonly HostSpec[]): Promise<Lab> {
  await sweepLabs()
  const scratch = await mkdtemp(path.join(tmpdir(), `${PREFIX}${process.pid}-`))
  const ground = await startGround(scratch).catch(async (error: unknown) => {
    await rmdir(scratch)
    throw error
  })
  const lab = makeLab(ground, scratch)
  const booted = await Promise.allSettled(specs.map((spec) => lab.powerOn(spec)))
  const failed = booted.find((result) => result.status === 'rejected')
  if (failed) {
    await lab.stop()
    throw failed.reason
  }
  return lab
}

function makeLab(ground: LabGround, scratch: string): Lab {
  const hosts = new Map<string, Host | undefined>() // in the order they were asked for
  const disks = `/proc/${ground.pid}/root${scratch}/disk`
  const running = (): readonly Host[] => [...hosts.values()].filter((host) => host !== undefined)
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await keepLogs(disks)
    await Promise.all(running().map((host) => host.kill()))
    killPid(ground.pid)
    await ended(ground.child)
    await rmdir(scratch)
  }
  let ports = 0
  let written = Promise.resolve()
  const powerOn = async (spec: HostSpec): Promise<Host> => {
    const port = `v${ports++}`
    // One that went down by itself has not been cleared away.
    await hosts.get(spec.name)?.kill()
    if (!hosts.has(spec.name)) hosts.set(spec.name, undefined)
    const host = await startHost(spec, {
      pid: ground.pid,
      base: `${scratch}/base`,
      disk: `${scratch}/disk/${spec.name}`,
      group: `${path.basename(scratch)}-${spec.name}`,
      cable: (up) => ip(ground.pid, [`link set ${port} ${up ? 'master br0' : 'nomaster'}`]),
    })
    hosts.set(spec.name, host)
    await plugIn(ground.pid, host, port)
    // One after the other: hosts start side by side, and the longest list must be the last.
    written = written.then(() => writeHostsFiles(running()))
    await written
    if (spec.boots === 'systemd') await waitForSystemd(host)
    return host
  }
  return {
    groundPid: ground.pid,
    get hosts() {
      return running()
    },
    host: (key) => find(running(), key),
    add: async (spec) => {
      await rm(path.join(disks, spec.name), { recursive: true, force: true })
      return await powerOn(spec)
    },
    powerOn,
    logs: () => readLogs(disks),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

function find(hosts: readonly Host[], key: string): Host {
  const found = hosts.find((host) => host.name === key || host.address === key)
  if (!found) throw new Error(`the lab has no host ${key}`)
  return found
}

interface LabGround {
  readonly pid: number
  readonly child: ChildProcess
}

async function startGround(scratch: string): Promise<LabGround> {
  const program = path.join(import.meta.dirname, 'ground.sh')
  const namespaces = ['unshare', '--net', '--mount', '--propagation', 'private']
  // `unshare` and the script exec, so this pid is the one that stays.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...namespaces, 'bash', program, scratch], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8')
  })
  const pid = await pidOf(child, 'the ground of a lab')
  await waitFor('the ground of the lab', () => {
    if (child.exitCode !== null) throw new Error(`the ground of the lab did not start: ${complaints}`)
    return existsSync(`/proc/${pid}/root${scratch}/ready`) || undefined
  })
  return { pid, child }
}

async function plugIn(groundPid: number, host: Host, port: string): Promise<void> {
  const cable = `link add ${port} type veth peer name eth0 netns ${host.initPid}`
  await ip(groundPid, [cable, `link set ${port} master br0 up`])
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

async function readLogs(disks: string): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, string>()
  for (const host of (await readdir(disks)).sort()) {
    const directory = path.join(disks, host, 'log')
    // systemd's journal is a directory there.
    const files = (await readdir(directory, { withFileTypes: true })).filter((one) => one.isFile())
    for (const name of files.map((one) => one.name).sort()) {
      logs.set(`${host}/${path.basename(name, '.log')}`, await readFile(path.join(directory, name), 'utf8'))
    }
  }
  return logs
}

/** Copies the logs to where `PGSVC_LAB_LOGS` says: what happened can be read when the lab is gone. */
async function keepLogs(disks: string): Promise<void> {
  const wanted = process.env.PGSVC_LAB_LOGS
  if (wanted === undefined) return
  const directory = path.join(wanted, path.basename(path.dirname(disks)))
  for (const [program, text] of await readLogs(disks)) {
    const file = path.join(directory, `${program}.log`)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Removes mount points of labs whose owner was killed before it could; they are empty directories. */
export async function sweepLabs(): Promise<void> {
  sweepCgroups()
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN
    if (!Number.isInteger(owner) || isAlive(owner)) continue
    await rmdir(path.join(tmpdir(), name)).catch(() => undefined)
  }
}
