/** The controller: builds its parts, listens, and takes everything down again in order. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Server } from '@grpc/grpc-js'
import { guardRulesOf } from '../shared/config/guard-options.ts'
import { AppError, describeError } from '../shared/errors/app-error.ts'
import type { Logger } from '../shared/log/logger.ts'
import type { Role } from '../shared/pki/identity.ts'
import { systemClock } from '../shared/ports/clock.ts'
import { systemExec } from '../shared/ports/exec.ts'
import { AdminService, AgentService, Health } from '../shared/rpc/services.ts'
import { version } from '../shared/version.ts'
import { adminService } from './admin/admin-service.ts'
import { boundedRequests } from './admin/bounded-requests.ts'
import type { EtcdState } from './etcd/etcd-status.ts'
import { etcdSettings } from './etcd/settings.ts'
import { type LeaderWatch, watchLeaders } from './etcd/watch-leaders.ts'
import { createAuthorityChanges } from './events/authority-changes.ts'
import type { NewEvent } from './events/event.ts'
import { createEventQuota } from './events/event-quota.ts'
import { createPresence } from './events/presence.ts'
import { createServiceHealth, type HealthPorts, toldDown } from './events/service-health.ts'
import { createLeaderDesk, type OutsideHint } from './leaders/leader-desk.ts'
import type { LeaderNodes } from './leaders/leader-nodes.ts'
import { planWithWarnings } from './lint/lint.ts'
import type { ControllerConfig } from './options.ts'
import { findShrink } from './plan/shrink.ts'
import { resolveTargets } from './plan/targets.ts'
import { type Catalogue, createCatalogue, type InventoryCatalogue } from './publish/catalogue.ts'
import { inventoryFingerprint } from './publish/inventory-fingerprint.ts'
import type { PublishPorts } from './publish/publish-ports.ts'
import { createPublisher, type Publisher } from './publish/publisher.ts'
import { type InventorySource, readInventory } from './reader/read-inventory.ts'
import { openStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { agentService } from './stream/agent-service.ts'
import { boundedMethod } from './stream/bounded-service.ts'
import { createDistrust } from './stream/distrust.ts'
import { listenUnix, type SocketAccess, tlsListener, type UnixListener } from './stream/grpc-listeners.ts'
import { createGrpcServer, stopGrpcServer } from './stream/grpc-server.ts'
import { guardedHealth } from './stream/guarded-health.ts'
import { createHealth } from './stream/health.ts'
import { type PeerUid, systemPeerUid } from './stream/peer-uid.ts'
import { createSessionHub, type SessionHub } from './stream/session-hub.ts'
import { createSocketPeers, groupLimits, ownPeer } from './stream/socket-peers.ts'
import type { TlsGate } from './stream/tls-gate.ts'
import { createTrust } from './trust/create-trust.ts'
import { groupAccess } from './trust/group-access.ts'
import { createAuthorityNotes, namesOfAuthorities } from './trust/note-authorities.ts'
import { createTlsFiles } from './trust/tls-files.ts'

export interface RunningController {
  /** Where agents reach it; the port is the real one when 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number }
  /** Handshakes under way. */
  readonly gate: Pick<TlsGate, 'inFlight'>
  /** Whether etcd is watched. */
  etcd(): EtcdState
  /** Gives up what has not been committed, lets nodes answer what has, then ends streams and the database. */
  stop(): Promise<void>
}

/** Calls that are still open after this long are cut when the controller stops. */
const graceMs = 2_000
/** How long nodes may take to follow what was committed before the controller was told to stop. */
const followUpMs = 6_000
/** Agents of a controller that was away for a moment dial again within this long (shared/retry/backoff.ts). */
const usualSettleMs = 8_000

/** What a controller knows of inventories. */
export interface PlanParts {
  readonly catalogue: Catalogue
  readonly findShrink: PublishPorts['findShrink']
}

/**
 * @param parts - replaces the inventory that the configuration names, for tests
 * @param settleMs - a publish waits until this long after the start for nodes that were here before it
 * @throws AppError when options contradict each other, or the database, a certificate, the port or the socket cannot be
 *   used
 */
export async function startController(
  config: ControllerConfig,
  log: Logger,
  parts: PlanParts = planParts(config, log),
  settleMs = usualSettleMs,
): Promise<RunningController> {
  const etcd = etcdSettings(config)
  const clock = systemClock()
  const group = await groupAccess(config, systemExec())
  const tls = createTlsFiles(config, { clock, log }, (identity) => {
    gate.use(identity)
    void noteAuthorities(identity.authorities)
  })
  const store = openStore(join(config.state_dir, 'pgsvc.db'))
  const { heartbeat_ms: heartbeatMs, silence_ms: silenceMs } = config
  const closing = new AbortController()
  const addEvent = eventKeeper(store, log)
  const before = toldDown(await store.events({ names: [], limit: Number.MAX_SAFE_INTEGER }))
  const trust = await createTrust({ store: store.trust, clock, log, tls }, config)
  const noteAuthorities = createAuthorityNotes(
    { store: store.trust, audit: trust.audit, log, clock, addEvent },
    config.tls_ca,
  )
  const quota = createEventQuota({ clock, log, add: addEvent })
  const addOfNode = (event: NewEvent) => {
    if (quota.passes(event.node ?? '', event.kind)) void addEvent(event)
  }
  const desk = createLeaderDesk({ store, nodes: nodesOf(() => hub), clock, log, quota })
  const hub = createSessionHub({
    ...{ store, clock, log, newNonce: randomUUID, heartbeatMs, silenceMs },
    leaders: desk,
    health: createServiceHealth({ clock, add: addOfNode, ownerOf: ownersOfServices(store), before }),
    authorities: createAuthorityChanges({ clock, log, add: addEvent }),
    signer: trust.office,
    presence: createPresence(clock, addOfNode),
    quota,
    distrust: createDistrust({ clock, log, quota, add: addEvent }),
  })
  const publisher = createPublisher(
    {
      store,
      links: hub,
      clock,
      log,
      findShrink: parts.findShrink,
      newId: () => randomUUID().slice(0, 8),
      onCommitted: (owners) => void desk.published(owners),
      settledAtMs: clock.monotonic() + settleMs,
    },
    parts.catalogue,
    { timeoutMs: config.publish_timeout_ms, leaseMs: config.lease_ms },
  )
  const hint = (said: OutsideHint) => void desk.hint(said)
  const watch = watchLeaders({ clock, log, random: Math.random, hint }, etcd, closing.signal)
  const health = createHealth(['pgsvc.v1.AdminService', 'pgsvc.v1.AgentService'])
  const admin = {
    ...{ publisher, store, hub, clock, log, addEvent, ...trust },
    ...{ closing: closing.signal, etcd: watch.state, beat: { heartbeatMs, silenceMs } },
    ownCertificate: () => tls.current().cert,
    filesProblem: tls.problem,
  }
  const remote = createGrpcServer()
  const agents = { Connect: boundedMethod(AgentService.service.Connect) }
  const admins = boundedRequests(AdminService.service)
  remote.addService(agents, agentService(hub, { heartbeatMs, silenceMs, log, clock, ...trust }))
  remote.addService(admins, adminService(admin, { kind: 'tls' }))
  remote.addService(Health.service, guardedHealth(health.handlers, { clock, ...trust }))
  const sockets: { readonly server: Server; readonly listener: UnixListener }[] = []
  const openSocket = async (path: string, role: Role, access: SocketAccess, uidOf: PeerUid) => {
    const onRefused = (reason: string) => log.info({ path, reason }, 'connection ended')
    const limits = uidOf === ownPeer ? undefined : groupLimits
    const peers = createSocketPeers(uidOf, limits, onRefused)
    const server = createGrpcServer()
    const isRoots = uidOf === ownPeer
    const door = { kind: 'socket', path, role, isRoots, whoIs: peers.whoIs } as const
    server.addService(admins, adminService(admin, door))
    server.addService(Health.service, health.handlers)
    sockets.push({ server, listener: await listenUnix(server, path, access, peers.noticed, log) })
  }
  const limits = {
    maxHandshakes: config.max_handshakes,
    maxConnections: config.max_connections,
    maxPerOwner: config.max_connections_per_name,
  }
  const gate = tlsListener(remote, { ...tls.current(), ...limits }, log, trust)
  const say = (message: string) => addEvent({ atMs: clock.now(), kind: 'controller', message })
  let isUp = false
  const stop = () => {
    for (const { listener } of sockets) listener.close()
    const servers = [remote, ...sockets.map(({ server }) => server)]
    const farewell = () => (isUp ? say('the controller has stopped') : Promise.resolve())
    return stopAll({ gate, hub, publisher, health, store, servers, closing, watch, farewell, log })
  }
  try {
    await openSocket(config.socket, 'administer', { mode: 0o600 }, ownPeer)
    if (group) await openSocket(config.group_socket, config.socket_group_role, group, systemPeerUid)
    const address = await listenTls(gate, config.listen)
    void tls.watch(closing.signal)
    void trust.keep(closing.signal)
    await noteAuthorities(tls.current().authorities)
    isUp = true
    void say(`the controller is up: pgsvc ${version}`)
    const authorities = namesOfAuthorities(tls.current().authorities)
    const { socket, state_dir: stateDir } = config
    log.info({ version, address, socket, stateDir, authorities }, 'controller is up')
    return { address, gate, etcd: watch.state, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  readonly gate: TlsGate
  readonly hub: SessionHub
  readonly publisher: Publisher
  readonly health: { stop(): void }
  readonly store: Store
  readonly servers: readonly Server[]
  /** Ends what would go on for ever. */
  readonly closing: AbortController
  readonly watch: LeaderWatch
  /** The last thing that is written down. */
  readonly farewell: () => Promise<void>
  readonly log: Logger
}

async function stopAll({
  gate,
  hub,
  publisher,
  health,
  store,
  servers,
  closing,
  watch,
  farewell,
  log,
}: Parts): Promise<void> {
  gate.close()
  health.stop()
  closing.abort()
  const ended = publisher.stop()
  await atMost(ended, followUpMs)
  hub.closeAll()
  await Promise.all(servers.map((server) => stopGrpcServer(server, graceMs)))
  // A publish that still waits finds its nodes gone, and has only to write down how it came out.
  await ended
  await watch.ended
  await farewell()
  store.close()
  log.info('controller stopped')
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([work, systemClock().sleep(ms, over.signal)])
  over.abort()
}

/** The nodes by way of a hub that is made later: it needs to know who hears what its sessions are told. */
function nodesOf(hub: () => LeaderNodes): LeaderNodes {
  return {
    connected: () => hub().connected(),
    hint: (node, hint) => hub().hint(node, hint),
    views: (node) => hub().views(node),
  }
}

/** Events are for people: that one cannot be written stops nothing. */
function eventKeeper(store: Store, log: Logger): (event: NewEvent) => Promise<void> {
  return (event) =>
    store.addEvents([event]).catch((err: unknown) => log.warn({ err, event }, 'an event was not kept'))
}

/** None while the store fails: then there is no event to keep either. */
function ownersOfServices(store: Pick<Store, 'snapshot'>): HealthPorts['ownerOf'] {
  return async (node, service) => {
    const { assignments } = await store.snapshot(node).catch(() => ({ assignments: [] }))
    return assignments.find(({ services }) => services.some(({ name }) => name === service))?.owner
  }
}

/** Reads the inventory once ahead, so that the first publish is no slower and a broken one is told at once. */
function planParts(config: ControllerConfig, log: Logger): PlanParts {
  const catalogue = inventoryCatalogue(config)
  catalogue.warm().catch((error: unknown) => {
    log.warn({ reason: describeError(error) }, 'the inventory cannot be read yet')
  })
  return { catalogue, findShrink }
}

/** The inventory that the configuration names; never one named by a caller. */
function inventoryCatalogue(config: ControllerConfig): InventoryCatalogue {
  const source: InventorySource = {
    inventory: config.inventory || undefined,
    defaults: config.defaults || undefined,
    pigstyHome: config.pigsty_home || undefined,
  }
  const guard = guardRulesOf(config)
  return createCatalogue({
    load: async () => {
      if (source.inventory || source.pigstyHome) return readInventory(source)
      throw new AppError('INVENTORY_MISSING', 'the controller has no inventory', {
        hint: 'set inventory or pigsty_home in its configuration',
      })
    },
    fingerprint: () => inventoryFingerprint(source, Date.now()),
    resolve: resolveTargets,
    compute: (loaded, options) => planWithWarnings(loaded, { ...options, guard }),
  })
}

async function listenTls(gate: TlsGate, listen: string) {
  const colon = listen.lastIndexOf(':')
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  try {
    return await gate.listen(host, Number(listen.slice(colon + 1)))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('LISTEN_FAILED', `cannot listen on ${listen}: ${why}`, {
      cause,
      hint: 'is another controller running? (ss -ltnp)',
    })
  }
}
