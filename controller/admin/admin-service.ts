/** The operators' service: from gRPC calls to publishes and back. No rules inside. */
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { AdminServiceHandlers } from '../../shared/rpc/generated/pgsvc/v1/AdminService.ts'
import type { PublishEvent as WireEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishOptions__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishOptions.ts'
import type { EtcdState } from '../etcd/etcd-status.ts'
import type { Publisher, PublisherOptions } from '../publish/publisher.ts'
import { identityOf, permissionDenied } from '../stream/identity.ts'
import type { SessionHub } from '../stream/session-hub.ts'
import { historyOf } from './history.ts'
import { leadersOf } from './leaders.ts'
import { type EventsPorts, serveEvents } from './serve-events.ts'
import { statusOf } from './status.ts'
import { eventToWire } from './wire-event.ts'

export interface AdminParts extends EventsPorts {
  readonly publisher: Publisher
  readonly hub: SessionHub
  /** Whether Patroni's etcd is watched. */
  readonly etcd: () => EtcdState
}

type Act = (
  options: PublisherOptions,
  emit: Parameters<Publisher['publish']>[2],
  signal: AbortSignal,
) => Promise<void>

/**
 * @param local - true behind the unix socket, where whoever may open it is an operator and says its own name;
 *   elsewhere an operator's certificate is asked for and its name counts
 */
export function adminService(parts: AdminParts, local: boolean): AdminServiceHandlers {
  const { publisher, store, hub, log } = parts
  const stream = (call: EventCall, options: PublishOptions__Output | null, act: Act) =>
    runStream(call, options, act, local, log)
  return {
    Publish: (call) => {
      const { pattern, nodes, options } = call.request
      stream(call, options, (how, emit, signal) =>
        publisher.publish({ pattern, nodes, kind: 'cluster' }, how, emit, signal),
      )
    },
    PublishNode: (call) => {
      const { pattern, nodes, options } = call.request
      stream(call, options, (how, emit, signal) =>
        publisher.publish({ pattern, nodes, kind: 'node' }, how, emit, signal),
      )
    },
    Rollback: (call) => {
      const { owner, revision, options } = call.request
      stream(call, options, (how, emit, signal) => publisher.rollback(owner, revision, how, emit, signal))
    },
    Remove: (call) => {
      const { owner, nodes, options } = call.request
      stream(call, options, (how, emit, signal) => publisher.remove(owner, nodes, how, emit, signal))
    },
    Status: (call, callback) =>
      answer(call, callback, local, log, () => statusOf(store, hub, call.request.names, parts.etcd())),
    History: (call, callback) =>
      answer(call, callback, local, log, () => historyOf(store, call.request.owner, call.request.limit)),
    Leaders: (call, callback) =>
      answer(call, callback, local, log, () => leadersOf(store, hub, call.request.owners)),
    Events: (call) => {
      if (operatorOf(call, '', local) === undefined) call.emit('error', onlyOperators)
      else serveEvents(call, parts)
    },
  }
}

type EventCall = ServerWritableStream<unknown, WireEvent>

/** The operator's name; undefined when the caller is none. */
function operatorOf(
  call: Parameters<typeof identityOf>[0],
  claimed: string,
  local: boolean,
): string | undefined {
  if (local) return claimed || 'local'
  const identity = identityOf(call)
  return identity?.kind === 'operator' ? identity.name : undefined
}

const onlyOperators = permissionDenied('only an operator certificate may call this')

function runStream(
  call: EventCall,
  options: PublishOptions__Output | null,
  act: Act,
  local: boolean,
  log: Logger,
): void {
  const operator = operatorOf(call, options?.operator ?? '', local)
  if (operator === undefined) {
    call.emit('error', onlyOperators)
    return
  }
  const gone = new AbortController()
  // 'cancelled' also comes after a clean end; by then nobody listens to the signal.
  call.on('cancelled', () => gone.abort())
  const how: PublisherOptions = {
    check: options?.check ?? false,
    diff: options?.diff ?? false,
    allowShrink: options?.allowShrink ?? false,
    timeoutMs: options?.timeoutMs || undefined,
    operator,
  }
  act(how, (event) => void (call.cancelled || call.write(eventToWire(event))), gone.signal).then(
    () => call.end(),
    (error: unknown) => {
      log.error({ err: error }, 'publish failed')
      call.emit('error', { code: status.INTERNAL, details: 'the controller failed; see its log' })
    },
  )
}

function answer<Response>(
  call: ServerUnaryCall<unknown, Response>,
  callback: sendUnaryData<Response>,
  local: boolean,
  log: Logger,
  work: () => Promise<Response>,
): void {
  if (operatorOf(call, '', local) === undefined) {
    callback(onlyOperators)
    return
  }
  work().then(
    (response) => callback(null, response),
    (error: unknown) => {
      if (error instanceof AppError) {
        callback({ code: status.NOT_FOUND, details: describeError(error) })
        return
      }
      log.error({ err: error }, 'call failed')
      callback({ code: status.INTERNAL, details: 'the controller failed; see its log' })
    },
  )
}
