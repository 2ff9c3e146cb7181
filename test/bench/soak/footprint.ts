/** What a process and its node hold on to, counted from outside. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { systemCli } from '../../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../../agent/haproxy/show-proc.ts'
import type { HaproxyLab } from '../../support/haproxy-lab.ts'

export interface Footprint {
  /** Open descriptors of the agent. */
  readonly descriptors: number
  /** Processes that the agent has started and that are still there. */
  readonly children: number
  /** Workers of HAProxy that reloads have left behind. */
  readonly oldWorkers: number
  /** Open descriptors of HAProxy's master, which are passed on at every reload. */
  readonly masterDescriptors: number
  /** Names of an apply in hand, and states handed to a reload. */
  readonly temporaryFiles: readonly string[]
  /** All files and directories of the agent's: its state and HAProxy's directory. */
  readonly files: number
}

/** Names that only an apply in hand may have. */
const temporary = /pgsvc-new|stage-|check-/

export async function footprint(agentPid: number, lab: HaproxyLab, statesDir: string): Promise<Footprint> {
  const proc = parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))
  const master = Number(readFileSync(lab.pidFile, 'utf8'))
  const names = ['haproxy', 'state'].flatMap((dir) => below(join(lab.dir, dir)))
  return {
    descriptors: descriptorsOf(agentPid).length,
    children: childrenOf(agentPid).length,
    oldWorkers: proc?.oldWorkers.length ?? Number.NaN,
    masterDescriptors: descriptorsOf(master).length,
    temporaryFiles: [...names.filter((name) => temporary.test(name)), ...below(statesDir)],
    files: names.length,
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
