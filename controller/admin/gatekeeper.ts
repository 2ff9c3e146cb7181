/**
 * Stands before every method of AdminService: finds out who calls, whether that one may, writes it down, and sees that
 * an operator who is withdrawn meanwhile is shown out.
 */
import {
  type Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { type Allowance, createAllowance } from '../stream/allowance.ts'
import type { AuditEntry, AuditLog } from '../trust/audit-log.ts'
import type { CertificateBook } from '../trust/certificate-book.ts'
import type { GuestBook } from '../trust/guest-book.ts'
import { permissionDenied, unauthenticated } from '../trust/refusals.ts'
import type { TurnedAway } from '../trust/turned-away.ts'
import { type Caller, callerOf, type Door, historyName, mayDo } from './caller.ts'
import { type AdminMethod, type Right, rightFor } from './rights.ts'

export interface GatePorts {
  readonly audit: AuditLog
  readonly book: CertificateBook
  readonly guests: GuestBook
  readonly turnedAway: Pick<TurnedAway, 'refused'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly log: Logger
  /** What each caller may ask, by kind. */
  readonly calls?: Readonly<Record<Right['kind'], Parameters<typeof createAllowance>[0]>>
}

/** What can be said of a request before it is carried out. */
export interface Asked {
  /** Names of what it is about, for the record; never contents. */
  readonly detail: string
  /** It says that nothing is to be changed. */
  readonly isCheck?: boolean
  /** Who it says it is. */
  readonly claimed?: string
}

export interface Gatekeeper {
  unary<Request, Response>(
    method: AdminMethod,
    asked: (request: Request) => Asked,
    work: (request: Request, caller: Caller) => Promise<Response>,
  ): (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void
  /** @param work - ends the call itself and returns how it came out, for the record; `signal` aborts when the caller is gone */
  stream<Request, Message>(
    method: AdminMethod,
    asked: (request: Request) => Asked,
    work: (
      call: ServerWritableStream<Request, Message>,
      caller: Caller,
      signal: AbortSignal,
    ) => Promise<string>,
  ): (call: ServerWritableStream<Request, Message>) => void
  /** As `stream`, for messages both ways; what it is about stands in the call's metadata. */
  duplex<Request, Message>(
    method: AdminMethod,
    asked: (metadata: Metadata) => Asked,
    work: (
      call: ServerDuplexStream<Request, Message>,
      caller: Caller,
      signal: AbortSignal,
    ) => Promise<string>,
  ): (call: ServerDuplexStream<Request, Message>) => void
}

/** A call whose answers are a stream. */
type ServerStream = Pick<ServerUnaryCall<unknown, unknown>, 'getPeer' | 'getAuthContext' | 'metadata'> & {
  emit(event: 'error', refusal: Partial<StatusObject>): boolean
  on(event: 'cancelled', listener: () => void): unknown
}

type Refusal = Partial<StatusObject>

const tooMany: Refusal = {
  code: status.RESOURCE_EXHAUSTED,
  details: 'TOO_MANY_REQUESTS: this caller asks again and again\n  hint: wait a minute',
}

const unrecorded: Refusal = {
  code: status.FAILED_PRECONDITION,
  details:
    "AUDIT_UNWRITABLE: who asks for this cannot be written down, so it is not done\n  hint: is the disk of state_dir full? the controller's log says why",
}

/**
 * What a caller may ask: by far enough for who publishes cluster after cluster, and not enough to fill the record of acts
 * (20,000) before somebody looks.
 */
const usualCalls = {
  act: { atOnce: 1_000, perSecond: 0.5 },
  read: { atOnce: 1_000, perSecond: 20 },
} as const

export function createGatekeeper(ports: GatePorts, door: Door): Gatekeeper {
  const { audit, book, guests, turnedAway, clock, log, calls = usualCalls } = ports
  const allowances = new Map<string, Allowance>()
  /** Of each certificate's name, and of each user of a group's socket; root's own can do without. */
  const mayAsk = ({ certificate }: Caller, { kind }: Right, who: string) => {
    if (certificate === undefined && door.kind === 'socket' && door.isRoots) return true
    const key = certificate ? `${kind} ${certificate.kind}/${certificate.name}` : `${kind} ${who}`
    const allowance = allowances.get(key) ?? createAllowance(calls[kind])
    allowances.set(key, allowance)
    return allowance.take(clock.monotonic())
  }
  const entryOf = (
    method: AdminMethod,
    caller: Caller,
    asked: Asked,
    kind: AuditEntry['kind'],
    who: string,
  ) => ({
    ...{ kind, who, claimed: caller.claimed, origin: caller.origin, what: method },
    detail: asked.isCheck ? `${asked.detail} --check`.trim() : asked.detail,
  })
  const refusalOf = (method: AdminMethod, caller: Caller, right: Right, who: string): Refusal | undefined => {
    const { certificate } = caller
    if (certificate && book.isRevoked(certificate)) return unauthenticated('this certificate was revoked')
    if (certificate && certificate.notAfterMs <= clock.now())
      return unauthenticated('this certificate has expired')
    if (mayDo(caller, right.role)) return mayAsk(caller, right, who) ? undefined : tooMany
    if (caller.role === undefined) return permissionDenied('only an operator certificate may call this')
    return permissionDenied(`${method} needs the role ${right.role}; this operator has ${caller.role}`)
  }
  /** @returns undefined when it was refused, else the caller by the name for histories, and tells how it came out */
  const admit = async (
    method: AdminMethod,
    caller: Caller,
    asked: Asked,
    refuse: (refusal: Refusal) => void,
  ) => {
    const right = rightFor(method, asked.isCheck === true)
    // Who has its answer goes, and the kernel cannot tell any more who it was.
    const who = await caller.who
    const refusal = refusalOf(method, caller, right, who)
    if (refusal) {
      log.info({ method, origin: caller.origin, reason: refusal.details }, 'call refused')
      turnedAway.refused(caller.peer, caller.certificate)
      audit.note(entryOf(method, caller, asked, 'refused', who), `refused: ${refusal.details}`)
      refuse(refusal)
      return undefined
    }
    if (caller.certificate) book.seen(caller.certificate, clock.now())
    const known = { ...caller, name: historyName(caller, door, who) }
    if (right.kind === 'read') {
      const done = (outcome: string) => audit.note(entryOf(method, caller, asked, 'read', who), outcome)
      return { known, done }
    }
    try {
      return { known, done: await audit.begin(entryOf(method, caller, asked, 'act', who)) }
    } catch (error) {
      log.error({ err: error, method }, 'an act was refused: it cannot be written down')
      refuse(unrecorded)
      return undefined
    }
  }
  const serve = async <C extends ServerStream>(
    method: AdminMethod,
    about: Asked,
    call: C,
    work: (call: C, caller: Caller, signal: AbortSignal) => Promise<string>,
  ): Promise<void> => {
    const caller = callerOf(call, door, about.claimed ?? '')
    const gone = new AbortController()
    // 'cancelled' also comes after a clean end; by then nobody listens to the signal.
    call.on('cancelled', () => gone.abort())
    const { certificate } = caller
    const leave = certificate
      ? guests.enter({
          certificate,
          untilMs: () => certificate.notAfterMs,
          end: (why) => {
            gone.abort()
            call.emit('error', unauthenticated(why))
          },
        })
      : () => undefined
    try {
      const admitted = await admit(method, caller, about, (refusal) => call.emit('error', refusal))
      if (!admitted) return
      const { known, done } = admitted
      if (gone.signal.aborted) done('the caller was gone before it began')
      else await carryOut(method, call, done, () => work(call, known, gone.signal))
    } finally {
      leave()
    }
  }
  const carryOut = async (
    method: AdminMethod,
    call: ServerStream,
    done: (outcome: string) => void,
    work: () => Promise<string>,
  ): Promise<void> => {
    try {
      done(await work())
    } catch (error) {
      done(`failed: ${outcomeOf(error)}`)
      call.emit('error', answerTo(error, method, log))
    }
  }
  return {
    unary: (method, asked, work) => async (call, callback) => {
      const about = asked(call.request)
      const caller = callerOf(call, door, about.claimed ?? '')
      const admitted = await admit(method, caller, about, callback)
      if (!admitted) return
      const { known, done } = admitted
      try {
        const response = await work(call.request, known)
        done('ok')
        callback(null, response)
      } catch (error) {
        done(`failed: ${outcomeOf(error)}`)
        callback(answerTo(error, method, log))
      }
    },
    stream: (method, asked, work) => (call) => void serve(method, asked(call.request), call, work),
    duplex: (method, asked, work) => (call) => void serve(method, asked(call.metadata), call, work),
  }
}
function outcomeOf(error: unknown): string {
  return error instanceof AppError ? `${error.code}: ${error.message}` : 'the controller failed; see its log'
}

/** The commands read code and hint out of the text (controller/cli/admin-client.ts). */
function answerTo(error: unknown, method: AdminMethod, log: Logger): Refusal {
  if (error instanceof AppError) {
    const isUnknown = error.code.endsWith('_UNKNOWN')
    return { code: isUnknown ? status.NOT_FOUND : status.FAILED_PRECONDITION, details: describeError(error) }
  }
  log.error({ err: error, method }, 'call failed')
  return { code: status.INTERNAL, details: 'the controller failed; see its log' }
}
