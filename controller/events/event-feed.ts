/**
 * Events for one listener: what was, and what happens from now on.
 *
 * Nothing is held for a listener but the number of the last event it took: the rest is read when it can take more. One
 * that falls behind what the store keeps is told so, instead of missing events silently.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Store } from '../store/store.ts'
import type { EventRecord } from './event.ts'

export interface FeedRequest {
  /** Only of these owners or nodes; empty for all. */
  readonly names: readonly string[]
  /** Of the past, the newest. */
  readonly limit: number
  readonly follow: boolean
  /** Of the past all that came after this one, and not the newest. Ignored when there never were so many. */
  readonly afterId?: number | undefined
}

/** Takes an event; resolves when there is room for the next one. */
export type Take = (event: EventRecord) => Promise<void>

const batch = 100

type Events = Pick<Store, 'events' | 'eventRange' | 'onEvents'>

/**
 * Resolves at the end of what was asked for, or when `signal` aborts.
 *
 * @throws AppError `EVENTS_MISSED` when the listener is too slow
 */
export async function feedEvents(
  store: Events,
  { names, limit, follow, afterId }: FeedRequest,
  take: Take,
  signal: AbortSignal,
): Promise<void> {
  const news = createBell(signal)
  const stop = store.onEvents(news.ring)
  try {
    const { last } = await store.eventRange()
    const isKnown = afterId !== undefined && afterId <= last
    let after = isKnown ? await feedAfter(store, names, afterId, take, signal) : last
    if (!isKnown) {
      const past = await store.events({ names, limit })
      for (const event of past) await take(event)
      after = Math.max(last, past.at(-1)?.id ?? 0)
    }
    while (follow && !signal.aborted) {
      after = await feedAfter(store, names, after, take, signal)
      await news.rung()
    }
  } finally {
    stop()
  }
}

/** All that is there by now. @returns the number of the last event seen */
async function feedAfter(
  store: Events,
  names: readonly string[],
  start: number,
  take: Take,
  signal: AbortSignal,
): Promise<number> {
  let after = start
  while (!signal.aborted) {
    const { first, last } = await store.eventRange()
    if (first > after + 1) throw missed(first - after - 1)
    const events = await store.events({ names, limit: batch, afterId: after })
    for (const event of events) await take(event)
    after = events.at(-1)?.id ?? after
    if (events.length < batch) return Math.max(after, last)
  }
  return after
}

function missed(count: number): AppError {
  return new AppError('EVENTS_MISSED', `${count} events came, and went, while this listener took none`, {
    hint: 'read faster, or ask again for what was',
  })
}

interface Bell {
  readonly ring: () => void
  /** Resolves at once when it was rung since the last time, or when the signal aborts. */
  rung(): Promise<void>
}

function createBell(signal: AbortSignal): Bell {
  let next = Promise.withResolvers<void>()
  const ring = () => next.resolve()
  signal.addEventListener('abort', ring, { once: true })
  return {
    ring,
    rung: async () => {
      await next.promise
      next = Promise.withResolvers()
      if (signal.aborted) next.resolve()
    },
  }
}
