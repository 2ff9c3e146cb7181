/** Which programs run on a host, found from outside by the host's process namespace. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { HostAccess } from './host.ts'

export type Program = 'etcd' | 'controller' | 'patroni' | 'postgres' | 'pgbouncer' | 'haproxy' | 'agent'

export interface ProgramProcess {
  /** As seen from outside the host. */
  readonly pid: number
  readonly parent: number
  readonly program: Program
}

const BY_NAME: Readonly<Record<string, Program>> = {
  etcd: 'etcd',
  patroni: 'patroni',
  postgres: 'postgres',
  pgbouncer: 'pgbouncer',
  haproxy: 'haproxy',
}

/** All processes of the lab's programs on a host; none when the host is dead. */
export function processesOn(host: HostAccess): readonly ProgramProcess[] {
  const namespace = namespaceOf(host.initPid)
  if (namespace === undefined) return []
  return pids().flatMap((pid) => {
    if (namespaceOf(pid) !== namespace) return []
    const program = programOf(pid)
    const parent = parentOf(pid)
    return program === undefined || parent === undefined ? [] : [{ pid, parent, program }]
  })
}

/** Pids of everything that is in a host's process namespace, its first process included. */
export function pidsOn(host: HostAccess): readonly number[] {
  const namespace = namespaceOf(host.initPid)
  return namespace === undefined ? [] : pids().filter((pid) => namespaceOf(pid) === namespace)
}

/** Pid of a process's parent; undefined when it is gone. */
export function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  // "pid (name) state parent ...", and a name may hold anything.
  const parent = stat?.slice(stat.lastIndexOf(')')).split(' ')[2]
  return parent === undefined ? undefined : Number(parent)
}

/** Name of a process as the kernel knows it. */
export function nameOf(pid: number): string | undefined {
  return read(`/proc/${pid}/comm`)?.trim()
}

/** What a process says that it is; '' when it is gone. */
export function titleOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? ''
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function programOf(pid: number): Program | undefined {
  const known = BY_NAME[nameOf(pid) ?? '']
  if (known !== undefined) return known
  const command = read(`/proc/${pid}/cmdline`)?.split('\0') ?? []
  const [program, verb] = command
  if (program?.endsWith('/bin/pgsvc') && (verb === 'agent' || verb === 'controller')) return verb
  if (command.some((word) => word.endsWith('/lib/agent.cjs'))) return 'agent'
  if (command.some((word) => word.endsWith('/lib/controller.cjs')) && command.includes('controller')) {
    return 'controller'
  }
  return undefined
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
