/**
 * What differs between HAProxy's versions, as far as it concerns us. Everything else behaves the same on 2.6.12,
 * 3.0.11 and 3.4.0, where it was measured. Nothing here asks for a version: the answers say it themselves.
 *
 * - Before 2.7 `reload` on the master socket answers nothing, and the master refuses connections for some tens of
 *   milliseconds while it re-executes itself. The reason of a failure is only in the journal.
 * - From 2.7 on the answer comes when the reload is over: `Success=1` or `Success=0`, `--`, and the start-up log.
 * - From 3.1 on the worker reads the configuration itself. After a failed reload the survivor is listed under
 *   `# old workers`, and `# workers` is empty.
 * - On 3.4 `failed` stayed 1 over three failures in a row, so that only `reloads` tells one failure from the next.
 * - Several reloads asked for at once become one or two: `reloads` need not grow by one for each.
 */
import type { ShowProc } from './show-proc.ts'

export interface HaproxyVersion {
  /** As HAProxy prints it without its packaging, e.g. `2.6.12`. */
  readonly text: string
  readonly major: number
  readonly minor: number
}

/**
 * @param output - of `haproxy -v`
 */
export function parseVersion(output: string): HaproxyVersion | undefined {
  const match = /version (\d+)\.(\d+)([\w.]*)/.exec(output)
  if (!match) return undefined
  const [, major = '', minor = '', rest = ''] = match
  return { text: `${major}.${minor}${rest}`, major: Number(major), minor: Number(minor) }
}

/**
 * From 2.7 on `reload` on the master socket answers `Success=1` or `Success=0`, `--` and the start-up log.
 * Before, it answers nothing and the reason of a failure is only in the journal.
 */
export interface ReloadAnswer {
  readonly success: boolean
  /** HAProxy's start-up log; '' when it had nothing to say. */
  readonly words: string
}

/** @returns undefined when the answer says nothing (before 2.7, or a connection that the reload cut) */
export function parseReloadAnswer(text: string): ReloadAnswer | undefined {
  const match = /^Success=([01])[ \t\r]*(?:\n--\n([\s\S]*))?/.exec(text.trimStart())
  return match ? { success: match[1] === '1', words: (match[2] ?? '').trim() } : undefined
}

/**
 * What became of a reload, by `show proc` before and now.
 *
 * @returns pid of the new worker; undefined while it is not over
 */
export function judgeReload(before: ShowProc, now: ShowProc): number | 'failed' | undefined {
  // Restarted meanwhile: it read the files after `before` was seen, when they were in place already.
  if (now.masterPid !== before.masterPid) return now.workers[0]
  if (now.reloads <= before.reloads) return undefined
  if (now.failed > 0) return 'failed'
  const known = new Set([...before.workers, ...before.oldWorkers])
  return now.workers.find((pid) => !known.has(pid))
}
