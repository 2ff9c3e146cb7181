/** One at a time, in the order of asking. */

export interface Mutex {
  /** True while somebody holds it. */
  readonly busy: boolean
  /** Resolves with the function that gives it back, once, or with undefined when `signal` aborted first. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>
}

export function createMutex(): Mutex {
  let tail: Promise<void> = Promise.resolve()
  let holders = 0
  return {
    get busy() {
      return holders > 0
    },
    acquire: async (signal) => {
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const before = tail
      tail = before.then(() => released)
      holders += 1
      let isHeld = true
      const giveBack = () => {
        if (!isHeld) return
        isHeld = false
        holders -= 1
        release()
      }
      const aborted = Promise.withResolvers<'aborted'>()
      const onAbort = () => aborted.resolve('aborted')
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      const outcome = await Promise.race([aborted.promise, before.then(() => 'mine' as const)])
      signal.removeEventListener('abort', onAbort)
      if (outcome === 'mine') return giveBack
      giveBack()
      return undefined
    },
  }
}
