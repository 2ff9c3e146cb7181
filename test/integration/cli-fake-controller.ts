/**
 * A controller that says what a test tells it to, on a unix socket. It stands in for the server side only: the
 * command under test is the real process.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import type { AdminServiceHandlers } from '../../shared/rpc/generated/pgsvc/v1/AdminService.ts'
import type { Event } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { HistoryResponse } from '../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import type { LeadersResponse } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import type { PublishEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishRequest__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishRequest.ts'
import type { RemoveRequest__Output } from '../../shared/rpc/generated/pgsvc/v1/RemoveRequest.ts'
import type { RollbackRequest__Output } from '../../shared/rpc/generated/pgsvc/v1/RollbackRequest.ts'
import type { StatusResponse } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { AdminService } from '../../shared/rpc/services.ts'

export type ActRequest = PublishRequest__Output | RollbackRequest__Output | RemoveRequest__Output

/** What a test can have the controller do. */
export interface Script {
  /** Answers an act; it ends the stream by returning. */
  act?: (method: string, request: ActRequest, stream: ActStream) => Promise<void>
  status?: StatusResponse
  history?: HistoryResponse
  /** Details of a NOT_FOUND that answers History instead. */
  historyUnknown?: string
  leaders?: LeadersResponse
  events?: readonly Event[]
  /** Until then the stream of events stays open. */
  eventsEnd?: Promise<void>
  /** What the other methods answer, by name. */
  answers?: Readonly<Record<string, object>>
  /** Details of a RESOURCE_EXHAUSTED that ends the stream of events. */
  eventsFail?: string
}

export interface ActStream {
  send(event: PublishEvent): void
  /** Ends the call with an error. */
  fail(code: number, details: string): void
  /** Resolves when the caller cancels. */
  readonly cancelled: Promise<void>
}

export interface FakeController {
  readonly address: string
  /** Requests in order. */
  readonly requests: { readonly method: string; readonly request: ActRequest }[]
  /** Requests that only ask, in order. */
  readonly queries: object[]
  /** What it does from now on. */
  script: Script
  stop(): Promise<void>
}

/** @param tls - listens on loopback with these credentials instead of on a socket */
export async function startFakeController(tls?: ServerCredentials): Promise<FakeController> {
  const directory = await mkdtemp(join(tmpdir(), 'pgsvc-cli-'))
  const socket = `unix:${join(directory, 'controller.sock')}`
  const server = new Server()
  const fake: FakeController = {
    address: socket,
    requests: [],
    queries: [],
    script: {},
    stop: async () => {
      server.forceShutdown()
      await rm(directory, { recursive: true, force: true })
    },
  }
  const act = (method: string) => (call: ServerWritableStream<ActRequest, PublishEvent>) => {
    fake.requests.push({ method, request: call.request })
    let ended = false
    const stream: ActStream = {
      send: (event) => void call.write(event),
      fail: (code, details) => {
        ended = true
        call.emit('error', { code, details })
      },
      cancelled: new Promise((resolve) => call.on('cancelled', () => resolve())),
    }
    void fake.script.act?.(method, call.request, stream).then(() => {
      if (!ended) call.end()
    })
  }
  const answer =
    (method: string) =>
    (call: ServerUnaryCall<object, object>, callback: sendUnaryData<object>): void => {
      fake.queries.push(call.request)
      callback(null, fake.script.answers?.[method] ?? {})
    }
  const handlers: AdminServiceHandlers = {
    Publish: act('Publish'),
    PublishNode: act('PublishNode'),
    Rollback: act('Rollback'),
    Remove: act('Remove'),
    Status: (_call, callback) =>
      fake.script.status
        ? callback(null, fake.script.status)
        : callback({ code: status.UNIMPLEMENTED, details: 'no status' }),
    History: (_call, callback) =>
      fake.script.historyUnknown === undefined
        ? callback(null, fake.script.history ?? {})
        : callback({ code: status.NOT_FOUND, details: fake.script.historyUnknown }),
    Leaders: (call, callback) => {
      fake.queries.push(call.request)
      callback(null, fake.script.leaders ?? {})
    },
    Relay: (call) => call.end(),
    Events: (call) => {
      fake.queries.push(call.request)
      const after = call.request.afterId
      for (const event of fake.script.events ?? []) if (Number(event.id) > after) call.write(event)
      const details = fake.script.eventsFail
      if (details) call.emit('error', { code: status.RESOURCE_EXHAUSTED, details })
      else if (!call.request.follow) call.end()
      else void (fake.script.eventsEnd ?? Promise.resolve()).then(() => call.end())
    },
    SignNode: answer('SignNode'),
    Forget: answer('Forget'),
    RevokeNode: answer('RevokeNode'),
    RevokeOperator: answer('RevokeOperator'),
    Renew: answer('Renew'),
    Certificates: answer('Certificates'),
    Audit: answer('Audit'),
  }
  server.addService(AdminService.service, handlers)
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      tls ? '127.0.0.1:0' : socket,
      tls ?? ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)),
    ),
  )
  return tls ? Object.assign(fake, { address: `127.0.0.1:${port}` }) : fake
}
