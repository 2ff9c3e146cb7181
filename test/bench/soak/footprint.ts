/** What a process and its node hold on to, looked at from outside. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { systemCli } from '../../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../../agent/haproxy/show-proc.ts'
import type { HaproxyLab } from '../../support/haproxy-lab.ts'

/** Each thing by a name, so that what was left behind can be said. */
export interface Footprint {
  /** Open descriptors of the agent. */
  readonly descriptors: readonly string[]
  /** Processes that the agent has started and that are still there. */
  readonly children: readonly string[]
  /** Workers of HAProxy that reloads have left behind. */
  readonly oldWorkers: readonly string[]
  /** Open descriptors of HAProxy's master, which are passed on at every reload. */
  readonly masterDescriptors: readonly string[]
  /** Names of an apply in hand, and states handed to a reload. */
  readonly temporaryFiles: readonly string[]
  /** All files and directories of the agent's: its state and HAProxy's directory. */
  readonly files: readonly string[]
}

/** Names that only an apply in hand may have. */
const temporary = /pgsvc-new|stage-|check-/

/** @throws Error while HAProxy's master starts itself anew */
export async function footprint(agentPid: number, lab: HaproxyLab, statesDir: string): Promise<Footprint> {
  const proc = parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))
  if (!proc) throw new Error("HAProxy's master does not say its processes")
  const names = ['haproxy', 'state'].flatMap((dir) => below(join(lab.dir, dir)))
  return {
    descriptors: descriptorsOf(agentPid),
    children: childrenOf(agentPid),
    oldWorkers: proc.oldWorkers.map(String),
    masterDescriptors: descriptorsOf(await lab.masterPid()),
    temporaryFiles: [...names.filter((name) => temporary.test(name)), ...below(statesDir)],
    files: names,
  }
}

/**
 * Of every kind what the look saw that saw fewer. What is open for the moment of one look is not held: a connection to
 * HAProxy, a file that is being read.
 */
export function leastOf(a: Footprint, b: Footprint): Footprint {
  const fewest = (kind: keyof Footprint) => (b[kind].length < a[kind].length ? b[kind] : a[kind])
  return {
    descriptors: fewest('descriptors'),
    children: fewest('children'),
    oldWorkers: fewest('oldWorkers'),
    masterDescriptors: fewest('masterDescriptors'),
    temporaryFiles: fewest('temporaryFiles'),
    files: fewest('files'),
  }
}

/** Resident memory, kB. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN)
}

/** What each open descriptor is. */
function descriptorsOf(pid: number): readonly string[] {
  const dir = `/proc/${pid}/fd`
  return readdirSync(dir).flatMap((fd) => {
    try {
      return [readlinkSync(join(dir, fd))]
    } catch {
      return [] // closed since it was listed
    }
  })
}

function childrenOf(pid: number): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
}

function parentOf(name: string): number {
  try {
    // The name of the program, in parentheses, may hold blanks.
    return Number(
      readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) \S /, '')
        .split(' ')[0],
    )
  } catch {
    return Number.NaN // ended since it was listed
  }
}

function below(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { recursive: true }).map(String)
  } catch {
    return []
  }
}
