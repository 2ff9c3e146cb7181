/**
 * One host of the lab: network, mounts, name, IPC and processes of its own, on this machine.
 *
 * Namespaces have no names and are held by the host's first process alone: when that dies, nothing is left but
 * the host's disk, which the lab keeps. It dies with whoever started the lab, even when that is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import path from 'node:path'
import { childOf, ended, isAlive, killPid, mustRun, pidOf, type RunResult, run, waitFor } from './process.ts'
import { makeCgroups, removeCgroups, whyNoSystemd } from './systemd/cgroups.ts'

export interface HostSpec {
  /** Host name. */
  readonly name: string
  /** IPv4 address on the lab's network, 10.10.10.0/24. */
  readonly address: string
  /** Has a root of its own and boots systemd there; otherwise the first process only waits. */
  readonly boots?: 'systemd'
}

/** A program running on a host. */
export interface HostProcess {
  /** Pid as seen from outside the host. */
  readonly pid: number
  /** Sends a signal to the program itself. */
  kill(signal?: NodeJS.Signals): void
  /** Resolves with the exit status (null: ended by a signal). */
  readonly exited: Promise<number | null>
}

/** A host as seen by whoever knows the pid of its first process. */
export interface HostAccess extends HostSpec {
  /** Pid of the host's first process. */
  readonly initPid: number
  /** The host's files as seen from outside. */
  readonly root: string
  /** Runs a program on the host to its end. */
  exec(
    args: readonly string[],
    options?: { readonly input?: string; readonly timeoutMs?: number },
  ): Promise<RunResult>
  /** As `exec`; anything but exit status 0 is an error. */
  must(
    args: readonly string[],
    options?: { readonly input?: string; readonly timeoutMs?: number },
  ): Promise<string>
  /** Path outside the host of one of its files. */
  file(pathOnHost: string): string
}

export interface Host extends HostAccess {
  /** Starts a program on the host; its output goes to `/run/log/<log>.log` there. */
  spawn(log: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<HostProcess>
  /** Takes the network cable out, or puts it back. Nobody is told: packets only stay away. */
  network(up: boolean): Promise<void>
  /** Ends the host as a power loss does. */
  kill(): Promise<void>
}

/** What a host is started on. */
export interface Ground {
  /** Pid of the process that holds the switch and the disks. */
  readonly pid: number
  /** Directory with the machine's own files, in that process's mount namespace. */
  readonly base: string
  /** The host's disk there; a new one when there is none. */
  readonly disk: string
  /** Name of its control groups, if it needs any: `pgsvc-hosts-<pid of the owner>-...`. */
  readonly group: string
  /** Connects the host to the switch, or takes it off. */
  cable(up: boolean): Promise<void>
}

/** How to enter a host: all its namespaces, working directory `/`. */
export function enterArgs(initPid: number): readonly string[] {
  return ['-t', String(initPid), '-m', '-n', '-u', '-i', '-p', '--wdns=/', '--']
}

/** The host whose first process this is, whoever started it. */
export function accessHost(spec: HostSpec, initPid: number): HostAccess {
  const enter = enterArgs(initPid)
  const root = `/proc/${initPid}/root`
  return {
    name: spec.name,
    address: spec.address,
    initPid,
    root,
    exec: (args, options) => run('nsenter', [...enter, ...args], options),
    must: (args, options) => mustRun('nsenter', [...enter, ...args], options),
    file: (pathOnHost) => root + pathOnHost,
  }
}

/** Starts a host without a network. */
export async function startHost(spec: HostSpec, ground: Ground): Promise<Host> {
  if (spec.boots === undefined) return await startFirstProcess(spec, ground, [])
  const why = whyNoSystemd()
  if (why !== undefined) throw new Error(`${spec.name} cannot boot systemd: ${why}`)
  const cgroups = makeCgroups(ground.group)
  try {
    return await startFirstProcess(spec, ground, cgroups)
  } catch (error) {
    await removeCgroups(cgroups)
    throw error
  }
}

/** Waits until the units that a host starts at its boot are up, or have failed. */
export async function waitForSystemd(host: HostAccess): Promise<void> {
  await waitFor(`${host.name} to have booted`, async () => {
    const { stdout } = await host.exec(['systemctl', 'is-system-running'])
    return /^(running|degraded)$/m.test(stdout) || undefined
  })
}

/** The command line of the first process; in its cgroups from the start, since they are the root it will see. */
function firstProcess(spec: HostSpec, ground: Ground, cgroups: readonly string[]): readonly string[] {
  const namespaces = [
    '--net',
    '--mount',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    '--mount-proc',
    '--kill-child=KILL',
    ...(cgroups.length > 0 ? ['--cgroup'] : []),
  ]
  const inGround = ['--pdeathsig', 'KILL', 'nsenter', '-t', String(ground.pid), '-m', '--']
  const unshare = ['unshare', ...namespaces, '--propagation', 'private']
  const script = (name: string) => ['bash', path.join(import.meta.dirname, name), spec.name, ground.disk]
  if (cgroups.length === 0) return [...inGround, ...unshare, ...script('init.sh'), ground.base]
  const join = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" && shift || exit; done; shift; exec "$@"'
  const project = path.join(import.meta.dirname, '../..')
  const joined = ['bash', '-c', join, 'bash', ...cgroups, '--']
  return [...inGround, ...joined, ...unshare, ...script('systemd/boot.sh'), project]
}

async function startFirstProcess(spec: HostSpec, ground: Ground, cgroups: readonly string[]): Promise<Host> {
  const child = spawn('setpriv', firstProcess(spec, ground, cgroups), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const outer = await pidOf(child, 'a lab host')
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8')
  })
  const orDied = <T>(value: T | undefined): T | undefined => {
    if (child.exitCode !== null) throw new Error(`${spec.name} did not start: ${complaints}`)
    return value
  }
  const initPid = await waitFor(`${spec.name} to start`, () => orDied(childOf(outer)))
  const access = accessHost(spec, initPid)
  const ready = access.file('/run/lab-ready')
  await waitFor(`${spec.name} to be ready`, () => orDied(existsSync(ready) || undefined))
  return makeHost(access, ground, { child, cgroups })
}

interface HostHold {
  readonly child: ChildProcess
  readonly cgroups: readonly string[]
}

function makeHost(access: HostAccess, ground: Ground, { child, cgroups }: HostHold): Host {
  const { name, initPid, root } = access
  const entered = new Set<number>()
  return {
    ...access,
    spawn: (log, args, env = {}) =>
      spawnOnHost(enterArgs(initPid), `${root}/run/log/${log}.log`, args, { env, entered }),
    network: (up) => ground.cable(up),
    kill: async () => {
      killPid(initPid)
      // They reap their programs; one that is stopped does not, and the host's namespaces would wait for it.
      for (const pid of entered) killPid(pid)
      await ended(child)
      await waitFor(`${name} to be gone`, () => (isAlive(initPid) ? undefined : true))
      await removeCgroups(cgroups)
    },
  }
}

async function spawnOnHost(
  enter: readonly string[],
  log: string,
  args: readonly string[],
  { env, entered }: { readonly env: Readonly<Record<string, string>>; readonly entered: Set<number> },
): Promise<HostProcess> {
  const fd = openSync(log, 'a')
  const child = spawn('nsenter', [...enter, ...args], {
    stdio: ['ignore', fd, fd],
    env: { ...process.env, ...env },
  })
  closeSync(fd)
  const outer = await pidOf(child, args.join(' '))
  entered.add(outer)
  const gone = ended(child)
  void gone.then(() => entered.delete(outer))
  // nsenter waits for the program, which is its only child: entering a pid namespace takes a fork.
  const pid = await waitFor(`${args[0]} to start`, () => (child.exitCode === null ? childOf(outer) : -1))
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): void => {
    if (pid > 0) killPid(pid, signal)
    // nsenter stops itself when its program is stopped; nobody else wakes it up.
    if (signal === 'SIGCONT') killPid(outer, signal)
  }
  return { pid, kill, exited: gone }
}
