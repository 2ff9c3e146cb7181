/** Lets the first of several equal things pass, and the next one a minute later: for what is logged and kept. */

const quietMs = 60_000

export interface RepeatGuard {
  /**
   * @param subject - what it is about; only the last thing said about each is remembered
   * @param nowMs - of a clock that never goes back
   */
  passes(subject: string, what: string, nowMs: number): boolean
}

export function createRepeatGuard(): RepeatGuard {
  const last = new Map<string, { readonly what: string; readonly atMs: number }>()
  return {
    passes: (subject, what, nowMs) => {
      const known = last.get(subject)
      if (known?.what === what && nowMs - known.atMs < quietMs) return false
      last.set(subject, { what, atMs: nowMs })
      return true
    },
  }
}
