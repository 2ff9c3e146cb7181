/** The operators' service: from gRPC calls to publishes and back. Who may call what is the gatekeeper's. */
import type { ServerWritableStream } from '@grpc/grpc-js'
import type { AdminServiceHandlers } from '../../shared/rpc/generated/pgsvc/v1/AdminService.ts'
import type { PublishEvent as WireEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishOptions__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishOptions.ts'
import type { RenewResponse } from '../../shared/rpc/generated/pgsvc/v1/RenewResponse.ts'
import type { EtcdState } from '../etcd/etcd-status.ts'
import type { PublishEvent } from '../publish/events.ts'
import type { Publisher, PublisherOptions } from '../publish/publisher.ts'
import { type RelayOptions, relayedNode, serveRelay } from '../stream/relay.ts'
import type { SessionHub } from '../stream/session-hub.ts'
import type { CertificateOffice } from '../trust/certificate-office.ts'
import type { Caller, Door } from './caller.ts'
import { type CertificatePorts, certificatesOf, revoke } from './certificates.ts'
import { type Asked, createGatekeeper, type GatePorts } from './gatekeeper.ts'
import { historyOf } from './history.ts'
import { leadersOf } from './leaders.ts'
import { type EventsPorts, serveEvents } from './serve-events.ts'
import { statusOf } from './status.ts'
import { eventToWire } from './wire-event.ts'

export interface AdminParts extends EventsPorts, GatePorts {
  readonly clock: EventsPorts['clock'] & GatePorts['clock'] & RelayOptions['clock']
  readonly publisher: Publisher
  readonly hub: SessionHub
  readonly office: CertificateOffice
  readonly addEvent: CertificatePorts['addEvent']
  /** The controller's, PEM. */
  readonly ownCertificate: () => string
  /** Why the files of certificates that stand there now are not in force; '' when they are. */
  readonly filesProblem: () => string
  /** Whether Patroni's etcd is watched. */
  readonly etcd: () => EtcdState
  /** Signs of life on streams. */
  readonly beat: RelayOptions['beat']
}

/** @param door - by which way these calls come */
export function adminService(parts: AdminParts, door: Door): AdminServiceHandlers {
  const { publisher, store, hub, office } = parts
  const gate = createGatekeeper(parts, door)
  return {
    Publish: gate.stream('Publish', askedOfPublish, (call, caller, signal) => {
      const { pattern, nodes, options } = call.request
      return runAct(call, caller, options, (how, emit) =>
        publisher.publish({ pattern, nodes, kind: 'cluster' }, how, emit, signal),
      )
    }),
    PublishNode: gate.stream('PublishNode', askedOfPublish, (call, caller, signal) => {
      const { pattern, nodes, options } = call.request
      return runAct(call, caller, options, (how, emit) =>
        publisher.publish({ pattern, nodes, kind: 'node' }, how, emit, signal),
      )
    }),
    Rollback: gate.stream(
      'Rollback',
      ({ owner, revision, options }) =>
        askedOf(revision === 0 ? `${owner}, to the one before` : `${owner}@${revision}`, options),
      (call, caller, signal) => {
        const { owner, revision, options } = call.request
        return runAct(call, caller, options, (how, emit) =>
          publisher.rollback(owner, revision, how, emit, signal),
        )
      },
    ),
    Remove: gate.stream(
      'Remove',
      ({ owner, nodes, options }) => askedOf([owner, ...nodes].join(' '), options),
      (call, caller, signal) => {
        const { owner, nodes, options } = call.request
        return runAct(call, caller, options, (how, emit) => publisher.remove(owner, nodes, how, emit, signal))
      },
    ),
    Forget: gate.unary(
      'Forget',
      ({ nodes, options }) => askedOf(nodes.join(' '), options),
      async ({ nodes, options }, caller) => ({
        nodes: (await publisher.forget(nodes, { check: options?.check ?? false, operator: caller.name })).map(
          ({ node, ended }) => ({
            node,
            ended: ended.map(({ owner, revision }) => ({ owner, revision })),
          }),
        ),
      }),
    ),
    Status: gate.unary(
      'Status',
      ({ names }) => ({ detail: names.join(' ') }),
      ({ names }) => {
        const facts = {
          ...{ book: parts.book, nowMs: parts.clock.now(), own: parts.ownCertificate() },
          filesProblem: parts.filesProblem(),
          ...{ authorities: office.authorities(), life: office.life },
        }
        return statusOf(store, hub, names, parts.etcd(), facts)
      },
    ),
    History: gate.unary(
      'History',
      ({ owner }) => ({ detail: owner }),
      ({ owner, limit }) => historyOf(store, owner, limit),
    ),
    Leaders: gate.unary(
      'Leaders',
      ({ owners }) => ({ detail: owners.join(' ') }),
      ({ owners }) => leadersOf(store, hub, owners),
    ),
    Events: gate.stream(
      'Events',
      ({ names }) => ({ detail: names.join(' ') }),
      (call, _caller, signal) => serveEvents(call, parts, signal),
    ),
    Relay: gate.duplex(
      'Relay',
      (metadata) => ({ detail: relayedNode(metadata) }),
      (call, _caller, signal) => serveRelay(call, relayedNode(call.metadata), hub, parts, signal),
    ),
    SignNode: gate.unary(
      'SignNode',
      ({ node }) => ({ detail: node }),
      async ({ node, csrPem }, caller) => ({ ...(await office.signNode(node, csrPem, await caller.who)) }),
    ),
    RevokeNode: gate.unary(
      'RevokeNode',
      ({ node }) => ({ detail: node }),
      async ({ node: name, unseen }, caller) =>
        revoke(parts, { kind: 'node', name, unseen, by: await caller.who }),
    ),
    RevokeOperator: gate.unary(
      'RevokeOperator',
      ({ operator }) => ({ detail: operator }),
      async ({ operator: name, unseen }, caller) =>
        revoke(parts, { kind: 'operator', name, unseen, by: await caller.who }),
    ),
    Renew: gate.unary(
      'Renew',
      ({ nodes, controller }) => ({ detail: controller ? 'controller' : nodes.join(' ') }),
      ({ nodes, controller }) => renew(parts, nodes, controller),
    ),
    Certificates: gate.unary(
      'Certificates',
      () => ({ detail: '' }),
      async ({ all }) => certificatesOf(parts.book, parts.clock.now(), all, office.authorities()),
    ),
    Audit: gate.unary(
      'Audit',
      () => ({ detail: '' }),
      async ({ limit, sinceMs }) => ({
        records: (await store.trust.audit({ limit: Math.min(limit || 100, 50_000), sinceMs })).map(
          ({ kind: _kind, ...record }) => record,
        ),
      }),
    ),
  }
}

async function renew(
  { hub, office }: AdminParts,
  nodes: readonly string[],
  controller: boolean,
): Promise<RenewResponse> {
  if (controller) return { told: [], offline: [], controllerNotAfterMs: await office.renewController() }
  const asked = nodes.length > 0 ? nodes : hub.connected()
  const told = asked.filter((node) => hub.renewCertificate(node))
  return { told, offline: asked.filter((node) => !told.includes(node)), controllerNotAfterMs: 0 }
}

interface PublishAsked {
  readonly pattern: string
  readonly nodes: readonly string[]
  readonly options: PublishOptions__Output | null
}

function askedOfPublish({ pattern, nodes, options }: PublishAsked): Asked {
  return askedOf([pattern, ...nodes].join(' '), options)
}

function askedOf(detail: string, options: PublishOptions__Output | null): Asked {
  return { detail, isCheck: options?.check ?? false, claimed: options?.operator ?? '' }
}

type Act = (options: PublisherOptions, emit: (event: PublishEvent) => void) => Promise<void>

/** @returns how it came out, in a few words */
async function runAct<Request>(
  call: ServerWritableStream<Request, WireEvent>,
  caller: Caller,
  options: PublishOptions__Output | null,
  act: Act,
): Promise<string> {
  const how: PublisherOptions = {
    check: options?.check ?? false,
    diff: options?.diff ?? false,
    allowShrink: options?.allowShrink ?? false,
    timeoutMs: options?.timeoutMs || undefined,
    operator: caller.name,
  }
  let outcome = 'failed'
  await act(how, (event) => {
    if (event.kind === 'result') outcome = outcomeOf(event)
    if (!call.cancelled && !call.writableEnded) call.write(eventToWire(event))
  })
  call.end()
  return outcome
}

function outcomeOf({ result }: Extract<PublishEvent, { kind: 'result' }>): string {
  if (result.ok) return 'ok'
  const codes = [...new Set(result.errors.map(({ code }) => code))].join(', ')
  return `failed${result.committed ? ' after the commit' : ''}: ${codes}`
}
