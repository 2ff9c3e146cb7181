/** One connection to one member of etcd, from logging in to whatever ends it: read, tell, watch from there, tell. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { connectionWords } from '../../shared/rpc/connection-words.ts'
import type { Event__Output } from '../../shared/rpc/generated/etcdserverpb/Event.ts'
import type { WatchRequest } from '../../shared/rpc/generated/etcdserverpb/WatchRequest.ts'
import type { WatchResponse__Output } from '../../shared/rpc/generated/etcdserverpb/WatchResponse.ts'
import type { EtcdClient, WatchStream } from './etcd-client.ts'
import type { KeyChange } from './leader-hints.ts'
import { prefixEnd } from './leader-key.ts'
import { readLeaders } from './read-keys.ts'

/** What comes of it, in the order in which it happens. */
export interface WatchEvents {
  /** All leader keys, before the watch begins. */
  readonly onReading: (leaders: readonly KeyChange[]) => void
  /** The member has taken the watch: from the reading on no change is missed. */
  readonly onWatching: () => void
  /** Changes of any keys below the prefix. */
  readonly onChanges: (changes: readonly KeyChange[]) => void
}

export interface WatchOptions {
  readonly clock: Clock
  readonly prefix: string
  /** Who logs in; undefined for nobody. */
  readonly login: { readonly user: string; readonly password: string } | undefined
  /** How often the member is asked for a sign of life, milliseconds. */
  readonly beatMs: number
  /** Silence after which the member is given up, milliseconds. */
  readonly silenceMs: number
  readonly events: WatchEvents
}

/** @returns why it is over; rejects with what logging in or reading failed with */
export async function watchOnce(
  client: EtcdClient,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<string> {
  const { login, prefix } = options
  // A token is good for some minutes; a watch that has begun outlives it, and the next connection gets a new one.
  const token = login && (await client.authenticate(login.user, login.password))
  const { revision, leaders } = await readLeaders((request) => client.range(request, token), prefix)
  options.events.onReading(leaders)
  return followStream(client.watch(token), revision + 1, options, signal)
}

async function followStream(
  stream: WatchStream,
  startRevision: number,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<string> {
  const { clock, prefix, beatMs, silenceMs, events } = options
  const over = new AbortController()
  let reason = ''
  const end = (why: string) => {
    reason ||= why
    over.abort()
  }
  const stop = () => end('stopped')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  let isWatching = false
  let heardMs = clock.monotonic()
  stream.on('error', (error) => end(reasonOf(error)))
  stream.on('end', () => end('the member ended the watch'))
  stream.on('data', (answer: WatchResponse__Output) => {
    if (over.signal.aborted) return
    // A sign of life of a member that has not taken the watch is none.
    isWatching ||= answer.created
    if (isWatching) heardMs = clock.monotonic()
    try {
      const refused = take(answer, events)
      if (refused) end(refused)
    } catch (error) {
      end(reasonOf(error))
    }
  })
  stream.write(beginWatch(prefix, startRevision))
  while (!over.signal.aborted) {
    await clock.sleep(beatMs, over.signal)
    if (clock.monotonic() - heardMs > silenceMs) end(`the member said nothing for ${silenceMs} ms`)
    // The connection's own pings only show that the machine lives; this is answered by etcd. Known from 3.4 on.
    if (!over.signal.aborted) stream.write({ progressRequest: {} })
  }
  signal.removeEventListener('abort', stop)
  stream.cancel()
  return reason
}

function beginWatch(prefix: string, startRevision: number): WatchRequest {
  const [key, rangeEnd] = [Buffer.from(prefix), Buffer.from(prefixEnd(prefix))]
  return { createRequest: { key, rangeEnd, startRevision, fragment: true } }
}

/** @returns why the watch is over, if it is */
function take(answer: WatchResponse__Output, events: WatchEvents): string | undefined {
  if (answer.compactRevision > 0)
    return `changes before revision ${answer.compactRevision} are no longer kept`
  if (answer.canceled) return `the watch was ended: ${answer.cancelReason || 'no reason given'}`
  if (answer.created) events.onWatching()
  if (answer.events.length > 0) events.onChanges(answer.events.map(changeOf))
  return undefined
}

function changeOf({ type, kv }: Event__Output): KeyChange {
  const key = kv?.key.toString() ?? ''
  return { key, value: type === 'DELETE' ? undefined : kv?.value.toString() }
}

/** Without a date, which would make each failure a new one. */
export function reasonOf(error: unknown): string {
  if (error instanceof AppError) return `${error.code}: ${error.message}; ${error.hint}`
  if (!(error instanceof Error)) return String(error)
  const words = 'details' in error && typeof error.details === 'string' ? error.details : error.message
  return connectionWords(words)
}
