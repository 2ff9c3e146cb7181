/** How many connections there may be: in all, and of one certificate's owner. */

export interface ConnectionLimits {
  /** @returns why not; undefined when it is counted, until `leave` */
  enter(owner: string): string | undefined
  leave(owner: string): void
}

export function createConnectionLimits(max: number, maxPerOwner: number): ConnectionLimits {
  const counts = new Map<string, number>()
  let all = 0
  return {
    enter: (owner) => {
      const own = counts.get(owner) ?? 0
      if (all >= max) return `there are ${max} connections already`
      if (own >= maxPerOwner) return `there are ${maxPerOwner} connections with this name already`
      all += 1
      counts.set(owner, own + 1)
      return undefined
    },
    leave: (owner) => {
      const own = counts.get(owner) ?? 0
      if (own === 0) return
      all -= 1
      if (own === 1) counts.delete(owner)
      else counts.set(owner, own - 1)
    },
  }
}
