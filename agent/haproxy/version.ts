/** What differs between HAProxy's versions, as far as it concerns us. */

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
