/**
 * How many events of a node are kept: one that goes round in circles must not push all else out of what is kept. It is
 * enough for a failover of some hundred clusters at once, on a node that serves them all.
 */

const perWindow = 1_000
const windowMs = 600_000

export interface EventQuota {
  /** @param nowMs - of a clock that never goes back */
  passes(node: string, nowMs: number): boolean
}

export function createEventQuota(): EventQuota {
  const windows = new Map<string, { readonly fromMs: number; readonly count: number }>()
  return {
    passes: (node, nowMs) => {
      const known = windows.get(node)
      const isOpen = known !== undefined && nowMs - known.fromMs < windowMs
      const { fromMs, count } = isOpen ? known : { fromMs: nowMs, count: 0 }
      if (count >= perWindow) return false
      windows.set(node, { fromMs, count: count + 1 })
      return true
    },
  }
}
