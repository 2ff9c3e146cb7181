/** `pgsvc events`: the feed of events as a gRPC stream. */
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { leaderReportToWire } from '../../shared/rpc/convert-leader.ts'
import type { Event as WireEvent } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { EventsRequest__Output } from '../../shared/rpc/generated/pgsvc/v1/EventsRequest.ts'
import type { EventRecord } from '../events/event.ts'
import { feedEvents } from '../events/event-feed.ts'
import type { Store } from '../store/store.ts'
import type { SessionHub } from '../stream/session-hub.ts'
import { expectKnown } from './expect-known.ts'

export type EventsCall = ServerWritableStream<EventsRequest__Output, WireEvent>

export interface EventsPorts {
  readonly store: Store
  readonly hub: Pick<SessionHub, 'connected'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Logger
  /** Aborts when the controller stops. */
  readonly closing: AbortSignal
}

const defaultLimit = 50
/** As many as the store keeps. */
const maxLimit = 10_000
/** A listener that takes nothing for so long is given up. */
const stalledMs = 30_000

/**
 * Ends the call in any case.
 *
 * @param gone - the listener is gone
 * @returns how it came out, in a few words; never rejects
 */
export function serveEvents(
  call: EventsCall,
  { store, hub, clock, log, closing }: EventsPorts,
  gone: AbortSignal,
): Promise<string> {
  const { names, limit, follow, afterId } = call.request
  call.on('error', (err) => log.debug({ err }, 'a listener to events is gone'))
  const signal = AbortSignal.any([gone, closing])
  const take = async (event: EventRecord) => {
    if (!signal.aborted && !call.write(eventToWire(event))) await roomFor(call, clock, signal)
  }
  const past = { limit: Math.min(limit || defaultLimit, maxLimit), afterId: afterId || undefined }
  const request = { names, follow, ...past }
  const feed = async () => {
    await expectKnown(store, hub.connected(), names)
    await feedEvents(store, request, take, signal)
  }
  return feed().then(
    () => {
      if (gone.aborted || !closing.aborted) call.end()
      else call.emit('error', { code: status.UNAVAILABLE, details: 'the controller stops' })
      return 'ok'
    },
    (error: unknown) => {
      if (!(error instanceof AppError)) log.error({ err: error }, 'events cannot be told')
      const details = error instanceof AppError ? describeError(error) : 'the controller failed; see its log'
      call.emit('error', {
        code: error instanceof AppError ? status.RESOURCE_EXHAUSTED : status.INTERNAL,
        details,
      })
      return `failed: ${error instanceof AppError ? error.code : details}`
    },
  )
}

/** @throws AppError `EVENTS_MISSED` */
async function roomFor(call: EventsCall, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const drained = new Promise<'room'>((resolve) => call.once('drain', () => resolve('room')))
  const timer = clock.sleep(stalledMs, AbortSignal.any([over.signal, signal])).then(() => 'stalled' as const)
  const first = await Promise.race([drained, timer])
  over.abort()
  if (first === 'room' || signal.aborted) return
  throw new AppError('EVENTS_MISSED', `this listener took nothing for ${stalledMs / 1000} s`, {
    hint: 'ask again',
  })
}

function eventToWire({ owner = '', node = '', leader, ...rest }: EventRecord): WireEvent {
  return { ...rest, owner, node, leader: leader ? leaderReportToWire(leader) : null }
}
