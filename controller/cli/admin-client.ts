/**
 * The commands' side of AdminService.
 *
 * It calls methods by path with the small codec instead of a generated client, because the time in which a
 * command starts is part of what it promises (see wire-codec.ts).
 */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { AppError } from '../../shared/errors/app-error.ts'
import { authoritiesIn, bundleOf } from '../../shared/pki/authorities.ts'
import { isController } from '../../shared/pki/is-controller.ts'
import { connectionWords } from '../../shared/rpc/connection-words.ts'
import type { AuditRequest } from '../../shared/rpc/generated/pgsvc/v1/AuditRequest.ts'
import type { AuditResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditResponse.ts'
import type { CertificatesRequest } from '../../shared/rpc/generated/pgsvc/v1/CertificatesRequest.ts'
import type { CertificatesResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { EventsRequest } from '../../shared/rpc/generated/pgsvc/v1/EventsRequest.ts'
import type { ForgetRequest } from '../../shared/rpc/generated/pgsvc/v1/ForgetRequest.ts'
import type { ForgetResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/ForgetResponse.ts'
import type { HistoryRequest } from '../../shared/rpc/generated/pgsvc/v1/HistoryRequest.ts'
import type { HistoryResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import type { LeadersRequest } from '../../shared/rpc/generated/pgsvc/v1/LeadersRequest.ts'
import type { LeadersResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishRequest } from '../../shared/rpc/generated/pgsvc/v1/PublishRequest.ts'
import type { RemoveRequest } from '../../shared/rpc/generated/pgsvc/v1/RemoveRequest.ts'
import type { RenewRequest } from '../../shared/rpc/generated/pgsvc/v1/RenewRequest.ts'
import type { RenewResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/RenewResponse.ts'
import type { RevokeNodeRequest } from '../../shared/rpc/generated/pgsvc/v1/RevokeNodeRequest.ts'
import type { RevokeOperatorRequest } from '../../shared/rpc/generated/pgsvc/v1/RevokeOperatorRequest.ts'
import type { RevokeResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/RevokeResponse.ts'
import type { RollbackRequest } from '../../shared/rpc/generated/pgsvc/v1/RollbackRequest.ts'
import type { SignNodeRequest } from '../../shared/rpc/generated/pgsvc/v1/SignNodeRequest.ts'
import type { SignNodeResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/SignNodeResponse.ts'
import type { StatusRequest } from '../../shared/rpc/generated/pgsvc/v1/StatusRequest.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import type { Relay, RelayListener } from '../enroll/relay.ts'
import { type ControllerAddress, showController } from './address.ts'
import { decodeMessage, encodeMessage } from './wire-codec.ts'

/** An act that streams its progress. */
export type Act =
  | { readonly method: 'Publish' | 'PublishNode'; readonly request: PublishRequest }
  | { readonly method: 'Rollback'; readonly request: RollbackRequest }
  | { readonly method: 'Remove'; readonly request: RemoveRequest }

/** What is asked and answered once, by method: names and types of both messages. */
export interface Questions {
  Forget: readonly [ForgetRequest, ForgetResponse__Output]
  SignNode: readonly [SignNodeRequest, SignNodeResponse__Output]
  RevokeNode: readonly [RevokeNodeRequest, RevokeResponse__Output]
  RevokeOperator: readonly [RevokeOperatorRequest, RevokeResponse__Output]
  Renew: readonly [RenewRequest, RenewResponse__Output]
  Certificates: readonly [CertificatesRequest, CertificatesResponse__Output]
  Audit: readonly [AuditRequest, AuditResponse__Output]
}

const questionTypes = {
  Forget: ['ForgetRequest', 'ForgetResponse'],
  SignNode: ['SignNodeRequest', 'SignNodeResponse'],
  RevokeNode: ['RevokeNodeRequest', 'RevokeResponse'],
  RevokeOperator: ['RevokeOperatorRequest', 'RevokeResponse'],
  Renew: ['RenewRequest', 'RenewResponse'],
  Certificates: ['CertificatesRequest', 'CertificatesResponse'],
  Audit: ['AuditRequest', 'AuditResponse'],
} as const satisfies Record<keyof Questions, readonly [string, string]>

/** What commands ask of a controller. Every failure is an AppError. */
export interface AdminClient {
  /** Events until the controller ends them; aborting `signal` cancels the act. */
  act(act: Act, deadlineMs: number, signal: AbortSignal): AsyncIterable<PublishEvent__Output>
  status(request: StatusRequest, deadlineMs: number): Promise<StatusResponse__Output>
  history(request: HistoryRequest, deadlineMs: number): Promise<HistoryResponse__Output>
  leaders(request: LeadersRequest, deadlineMs: number): Promise<LeadersResponse__Output>
  /** What happened, and with `follow` what happens until `signal` aborts. */
  events(request: EventsRequest, deadlineMs: number, signal: AbortSignal): AsyncIterable<Event__Output>
  /** Carries a node's stream; nothing is read of what passes. */
  relay(node: string, listener: RelayListener): Relay
  ask<Method extends keyof Questions>(
    method: Method,
    request: Questions[Method][0],
    deadlineMs: number,
  ): Promise<Questions[Method][1]>
  close(): void
}

/** Files of an operator's certificate; needed for a controller on another host. */
export interface TlsFiles {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/**
 * Nothing is connected before the first call.
 *
 * @throws AppError `OPERATOR_CERTIFICATE` when a TLS file is not given or cannot be read
 */
export function connectAdmin(address: ControllerAddress, tls: TlsFiles): AdminClient {
  const target = showController(address)
  const client = new Client(target, address.kind === 'socket' ? credentials.createInsecure() : secure(tls), {
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': -1,
    'grpc.keepalive_time_ms': 10_000,
    // The certificate names the role, not the host: controllers move, and may be reached by any address.
    ...(address.kind === 'host' ? { 'grpc.ssl_target_name_override': 'pgsvc-controller' } : {}),
  })
  const unary = <T>(method: string, request: object, names: readonly [string, string], deadlineMs: number) =>
    new Promise<T>((resolve, reject) => {
      client.makeUnaryRequest<object, T>(
        pathOf(method),
        (value) => encodeMessage(names[0], value),
        (bytes) => decodeMessage(names[1], bytes) as T, // the descriptor is where T was generated from
        request,
        { deadline: Date.now() + deadlineMs },
        (error, value) => (error || value === undefined ? reject(explain(error, target)) : resolve(value)),
      )
    })
  return {
    act: ({ method, request }, deadlineMs, signal) => {
      const names = [requestTypes[method], 'PublishEvent'] as const
      return stream<PublishEvent__Output>({ client, target, method, names, request, deadlineMs, signal })
    },
    events: (request, deadlineMs, signal) => {
      const names = ['EventsRequest', 'Event'] as const
      return stream<Event__Output>({ client, target, method: 'Events', names, request, deadlineMs, signal })
    },
    leaders: (request, deadlineMs) =>
      unary('Leaders', request, ['LeadersRequest', 'LeadersResponse'], deadlineMs),
    status: (request, deadlineMs) =>
      unary('Status', request, ['StatusRequest', 'StatusResponse'], deadlineMs),
    history: (request, deadlineMs) =>
      unary('History', request, ['HistoryRequest', 'HistoryResponse'], deadlineMs),
    relay: (node, listener) => startRelay(client, target, node, listener),
    ask: (method, request, deadlineMs) => unary(method, request, questionTypes[method], deadlineMs),
    close: () => client.close(),
  }
}

function startRelay(client: Client, target: string, node: string, listener: RelayListener): Relay {
  const asIs = (bytes: Uint8Array) => Buffer.from(bytes)
  const about = new Metadata()
  about.set('pgsvc-node', node)
  const call = client.makeBidiStreamRequest(pathOf('Relay'), asIs, asIs, about)
  let isOver = false
  const over = (error: AppError | undefined) => {
    if (isOver) return
    isOver = true
    listener.ended(error)
  }
  call.on('data', (bytes: Buffer) => listener.message(bytes))
  call.on('error', (error: Error) => over(explain(error, target)))
  call.on('end', () => over(undefined))
  return { send: (bytes) => void (isOver || call.write(bytes)), end: () => call.end() }
}

function pathOf(method: string): string {
  return `/pgsvc.v1.AdminService/${method}`
}

function secure(tls: TlsFiles): ChannelCredentials {
  const [ca, key, cert] = [readPem('ca', tls.ca), readPem('key', tls.key), readPem('cert', tls.cert)]
  const from = `--tls-ca, ${tls.ca}`
  const believed = bundleOf(authoritiesIn(ca.toString('utf8'), { code: 'OPERATOR_CERTIFICATE', from }))
  try {
    const context = createSecureContext({ ca: believed, key, cert, minVersion: 'TLSv1.3' })
    return credentials.createFromSecureContext(context, { checkServerIdentity: isController })
  } catch (cause) {
    throw new AppError('OPERATOR_CERTIFICATE', '--tls-ca, --tls-cert and --tls-key do not belong together', {
      hint: '"pgsvc pki issue" makes the certificate and its key; both and ca.crt must be PEM',
      cause,
    })
  }
}

function readPem(what: string, path: string | undefined): Buffer {
  const hint = `give --tls-ca, --tls-cert and --tls-key, or PGSVC_TLS_CA, PGSVC_TLS_CERT and PGSVC_TLS_KEY; "pgsvc pki issue" makes an operator's certificate`
  if (!path) {
    throw new AppError('OPERATOR_CERTIFICATE', `a controller on another host needs --tls-${what}`, { hint })
  }
  try {
    return readFileSync(path)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('OPERATOR_CERTIFICATE', `cannot read --tls-${what}: ${why}`, { hint, cause })
  }
}

const requestTypes = {
  Publish: 'PublishRequest',
  PublishNode: 'PublishRequest',
  Rollback: 'RollbackRequest',
  Remove: 'RemoveRequest',
} as const satisfies Record<Act['method'], string>

interface StreamCall {
  readonly client: Client
  readonly target: string
  readonly method: string
  /** Messages asked with and answered with. */
  readonly names: readonly [string, string]
  readonly request: object
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

async function* stream<T>({ client, target, method, names, ...how }: StreamCall): AsyncGenerator<T> {
  const { request, deadlineMs, signal } = how
  const call = client.makeServerStreamRequest<object, T>(
    pathOf(method),
    (value) => encodeMessage(names[0], value),
    (bytes) => decodeMessage(names[1], bytes) as T, // the descriptor is where T was generated from
    request,
    { deadline: Date.now() + deadlineMs },
  )
  const cancel = () => call.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    for await (const event of call) yield event as T // what the decoder above returns
  } catch (error) {
    throw explain(error, target)
  } finally {
    signal.removeEventListener('abort', cancel)
    call.cancel()
  }
}

/** Codes of AppErrors made here, by gRPC status; any other status is `CONTROLLER_FAILED`. */
const codes: Readonly<Record<number, string>> = {
  [status.UNAVAILABLE]: 'CONTROLLER_UNREACHABLE',
  [status.DEADLINE_EXCEEDED]: 'CONTROLLER_SILENT',
  [status.CANCELLED]: 'CANCELLED',
  [status.PERMISSION_DENIED]: 'OPERATOR_REFUSED',
  [status.UNAUTHENTICATED]: 'OPERATOR_REFUSED',
}

/** @param detail - names the role that is needed when it was the role */
function operatorHint(detail: string): string {
  const role = /needs the role (\w+)/.exec(detail)?.[1]
  const command = `pgsvc pki issue operator NAME${role ? ` --role ${role}` : ''}`
  return `an operator has a certificate of its own, with a role: "${command}" on the admin node makes one, --tls-cert and --tls-key name it`
}

function explain(error: unknown, target: string): AppError {
  if (!isServiceError(error)) {
    return new AppError('CONTROLLER_FAILED', error instanceof Error ? error.message : String(error))
  }
  const code = codes[error.code] ?? 'CONTROLLER_FAILED'
  const detail = connectionWords(error.details)
  if (code === 'CONTROLLER_UNREACHABLE') {
    const what = detail.includes('EACCES') ? 'you may not open' : 'no controller answers at'
    return new AppError(code, `${what} ${target}${detail === '' ? '' : `: ${detail}`}`, {
      hint: unreachableHint(detail),
      cause: error,
    })
  }
  if (code === 'CONTROLLER_SILENT') {
    return new AppError(code, `the controller at ${target} did not answer in time`, { cause: error })
  }
  if (code === 'OPERATOR_REFUSED')
    return new AppError(code, detail, { hint: operatorHint(detail), cause: error })
  if (code !== 'CONTROLLER_FAILED') return new AppError(code, detail, { cause: error })
  return fromController(detail === '' ? `the controller answered ${status[error.code]}` : detail, error)
}

/** The controller's own words are those of describeError: `CODE: message`, and perhaps a hint below. */
function fromController(detail: string, cause: ServiceError): AppError {
  const found = /^([A-Z][A-Z_]+): ([^\n]*)(?:\n {2}hint: (.*))?$/s.exec(detail)
  const [, code = 'CONTROLLER_FAILED', message = detail, hint] = found ?? []
  return new AppError(code, message, { hint, cause })
}

function unreachableHint(detail: string): string {
  if (detail.includes('EACCES')) return 'the socket belongs to root: run the command as root or with sudo'
  // With TLS 1.3 a certificate that is refused shows as a connection that ends.
  if (/ECONNRESET|EPIPE|socket hang up/.test(detail)) {
    return 'it is there and ended the connection: are --tls-ca, --tls-cert and --tls-key those of an operator, of its own authority, and not expired?'
  }
  return 'is it running? "systemctl start pgsvc-controller" or "pgsvc controller" on the admin node starts it; --controller or PGSVC_CONTROLLER say where it is, e.g. unix:/path/controller.sock'
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error
}
