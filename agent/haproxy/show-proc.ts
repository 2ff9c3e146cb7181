/**
 * Reads the answer to `show proc` of HAProxy's master socket.
 *
 * Seen on 2.6, 3.0 and 3.4. From 3.1 on, after a failed reload, the surviving worker stands under
 * `# old workers` and `# workers` is empty; `failed` need not grow with every failure.
 * Source: HAProxy management guide, 9.4 (master CLI).
 */
export interface WorkerProcess {
  readonly pid: number
  /** Reloads it has lived through. */
  readonly reloads: number
  /** Seconds since it was started. */
  readonly uptimeS: number
}

export interface ShowProc {
  readonly masterPid: number
  /** Reloads the master has been through, failed ones included. */
  readonly reloads: number
  /** Failed reloads in a row since the last good one. */
  readonly failed: number
  /** Workers of the running configuration: one, or none after a failed reload from 3.1 on. */
  readonly workers: readonly number[]
  /** Workers that only finish their connections. */
  readonly oldWorkers: readonly number[]
  /** Every worker, whatever it is listed under. */
  readonly processes: readonly WorkerProcess[]
}

/** @returns undefined when the text is no such answer */
export function parseShowProc(text: string): ShowProc | undefined {
  let section = ''
  let master: { pid: number; reloads: number; failed: number } | undefined
  const workers: number[] = []
  const oldWorkers: number[] = []
  const processes: WorkerProcess[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) section = line.slice(2).trim()
    const row = /^(\d+)\s+(\w+)\s+(\d+)(?:\s+\[failed: (\d+)\])?(?:\s+(\d+d\d+h\d+m\d+s))?/.exec(line)
    if (!row) continue
    const pid = Number(row[1])
    if (row[2] === 'master') master = { pid, reloads: Number(row[3]), failed: Number(row[4] ?? 0) }
    else if (row[2] === 'worker') {
      ;(section === 'old workers' ? oldWorkers : workers).push(pid)
      processes.push({ pid, reloads: Number(row[3]), uptimeS: secondsOf(row[5] ?? '') })
    }
  }
  return (
    master && {
      masterPid: master.pid,
      reloads: master.reloads,
      failed: master.failed,
      workers,
      oldWorkers,
      processes,
    }
  )
}

/** `1d02h03m04s`; 0 for anything else. */
function secondsOf(uptime: string): number {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = uptime.split(/[dhms]/).map(Number)
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}

/** The worker that serves now: the newest one, or the survivor of a failed reload. */
export function currentWorker(proc: ShowProc): number | undefined {
  return proc.workers[0] ?? survivor(proc)
}

function survivor({ processes }: ShowProc): number | undefined {
  return [...processes].sort((a, b) => a.reloads - b.reloads)[0]?.pid
}

/** Workers that only finish their connections, the oldest first. */
export function supersededWorkers(proc: ShowProc): readonly WorkerProcess[] {
  const current = currentWorker(proc)
  return proc.processes
    .filter(({ pid }) => pid !== current && !proc.workers.includes(pid))
    .sort((a, b) => b.reloads - a.reloads)
}
