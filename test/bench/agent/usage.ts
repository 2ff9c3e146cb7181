/** What a process holds and has used. Source: proc(5), `smaps_rollup` and `stat`. */
import { readFileSync } from 'node:fs'

export interface Held {
  /** Resident, all of it. */
  readonly rssMb: number
  /** Its own: what no file backs and nobody else can share. */
  readonly anonMb: number
}

export function heldBy(pid: number): Held {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1_024
  return { rssMb: megabytes('Rss'), anonMb: megabytes('Anonymous') }
}

/** The clock that the kernel counts processor time by. */
const ticksPerS = 100

/** Seconds of processor time that a process and its ended children have used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return ticks / ticksPerS
}
