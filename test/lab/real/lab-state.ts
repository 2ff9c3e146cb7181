/** Where `scripts/lab` finds a lab that it left running: a file with the pids, gone with the lab. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { HostSpec } from '../host.ts'
import { isAlive } from '../process.ts'
import type { MemberSpec } from './topology.ts'

export interface LabState {
  /** The process that holds the lab. Its end is the lab's. */
  readonly pid: number
  /** When that process started, in the kernel's ticks: a pid may be used again. */
  readonly startedTicks: string
  readonly hosts: readonly (HostSpec & { readonly initPid: number })[]
  readonly members: readonly MemberSpec[]
  /** Nothing of pgsvc but on the admin host. */
  readonly isBare: boolean
  /** Names of the hosts with HAProxy and agent. */
  readonly nodes: readonly string[]
  /** How long it took until everything served, milliseconds. */
  readonly upMs: number
}

const DIRECTORY = '/run/pgsvc-lab'

function stateFile(name: string): string {
  return path.join(DIRECTORY, `${name}.json`)
}

/** What the lab's holder prints. */
export function labLog(name: string): string {
  mkdirSync(DIRECTORY, { recursive: true })
  return path.join(DIRECTORY, `${name}.log`)
}

/** Start time of a process in ticks; undefined when there is no such process. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22; "pid (name)" are the first two, and a name may hold anything.
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20]
  } catch {
    return undefined
  }
}

/** Leaves word of a lab that is up; whole or not at all. */
export function writeState(name: string, state: LabState): void {
  mkdirSync(DIRECTORY, { recursive: true })
  const fresh = `${stateFile(name)}.${state.pid}`
  writeFileSync(fresh, `${JSON.stringify(state, undefined, 2)}\n`)
  renameSync(fresh, stateFile(name))
}

/** The lab of that name, also when its holder is dead (see `isHeld`); undefined when there is none. */
export function readState(name: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(name), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the process that holds the lab is alive. */
export function isHeld(state: LabState): boolean {
  return isAlive(state.pid) && startTicks(state.pid) === state.startedTicks
}

/** Names of the labs that were left running. */
export function labNames(): readonly string[] {
  try {
    return readdirSync(DIRECTORY)
      .filter((file) => file.endsWith('.json'))
      .map((file) => path.basename(file, '.json'))
      .sort()
  } catch {
    return []
  }
}

/** Removes every word of a lab, and the directory with the last one. */
export function removeState(name: string): void {
  rmSync(stateFile(name), { force: true })
  rmSync(path.join(DIRECTORY, `${name}.log`), { force: true })
  try {
    rmdirSync(DIRECTORY)
  } catch {
    // Another lab is up, or it was never there.
  }
}
