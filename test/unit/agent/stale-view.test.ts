import { expect, test } from 'vitest'
import { hasViewGoneStale } from '../../../agent/stale-view.ts'

/** Looks at a directory that is read-only or not, in turns; the signal aborts when there is nothing more to see. */
async function look(...seen: readonly boolean[]): Promise<boolean> {
  const over = new AbortController()
  let at = 0
  const clock = {
    sleep: async () => {
      at += 1
      if (at >= seen.length) over.abort()
    },
  }
  const isReadOnly = async () => seen[at] ?? false
  return await hasViewGoneStale({ clock, isReadOnly }, '/etc/haproxy', over.signal)
}

test('a directory that came later, or was made anew, is found', async () => {
  expect(await look(false, false, true)).toBe(true)
})

test('one that can be written to is no reason to end, nor one that never could', async () => {
  expect(await look(false, false, false)).toBe(false)
  expect(await look(true, true, true)).toBe(false)
})
