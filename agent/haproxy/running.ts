/**
 * Finds the HAProxy that runs on this host.
 *
 * The pidfile holds the master's pid, which stays the same over reloads. A pidfile may be stale and its pid
 * reused, so the process must be a haproxy; when the pidfile is of no use, every haproxy is looked at, and
 * only one that loads our configuration counts (other HAProxys on the host are none of our business).
 */
import type { Files } from '../../shared/ports/files.ts'
import { type HaproxyArguments, parseArguments } from './arguments.ts'

export interface RunningHaproxy extends HaproxyArguments {
  /** The master's pid, or the only process's when it does not run as master and worker. */
  readonly pid: number
}

export interface WhereToLook {
  readonly pidFile: string
  /** A running HAProxy is ours when it loads one of these files or directories. */
  readonly configPaths: readonly string[]
}

export async function findRunning(files: Files, where: WhereToLook): Promise<RunningHaproxy | undefined> {
  const pid = Number.parseInt(String((await files.read(where.pidFile)) ?? ''), 10)
  const named = Number.isSafeInteger(pid) && pid > 0 ? await readProcess(files, pid) : undefined
  if (named && loadsOurs(named, where)) return named
  return await findByScan(files, where)
}

async function findByScan(files: Files, where: WhereToLook): Promise<RunningHaproxy | undefined> {
  const pids = ((await files.list('/proc')) ?? [])
    .map(({ name }) => Number(name))
    .filter(Number.isSafeInteger)
  const processes = await Promise.all(pids.map((pid) => readProcess(files, pid)))
  // Lowest pid first: the master is older than its workers; a worker is told apart by its parent.
  const ours = processes
    .filter((found) => found !== undefined)
    .filter((found) => loadsOurs(found, where))
    .sort((a, b) => a.pid - b.pid)
  for (const found of ours) {
    if (!(await isWorker(files, found.pid))) return found
  }
  return undefined
}

function loadsOurs(found: RunningHaproxy, where: WhereToLook): boolean {
  return found.configPaths.some((path) => where.configPaths.includes(path))
}

async function readProcess(files: Files, pid: number): Promise<RunningHaproxy | undefined> {
  if (!(await isHaproxy(files, pid))) return undefined
  const commandLine = await readQuietly(files, `/proc/${pid}/cmdline`)
  if (commandLine === undefined || commandLine === '') return undefined
  const cwd = await files.readLink(`/proc/${pid}/cwd`).catch(() => '/')
  return { pid, ...parseArguments(commandLine.split('\0'), cwd) }
}

async function isHaproxy(files: Files, pid: number): Promise<boolean> {
  return (await readQuietly(files, `/proc/${pid}/comm`))?.trim() === 'haproxy'
}

async function isWorker(files: Files, pid: number): Promise<boolean> {
  const parent = /^PPid:\s+(\d+)/m.exec((await readQuietly(files, `/proc/${pid}/status`)) ?? '')?.[1]
  return parent !== undefined && (await isHaproxy(files, Number(parent)))
}

/** A process may end between two looks at it; then there is nothing to read. */
async function readQuietly(files: Files, path: string): Promise<string | undefined> {
  return await files
    .read(path)
    .then((content) => content?.toString('utf8'))
    .catch(() => undefined)
}
