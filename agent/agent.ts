/** Puts the agent together from its configuration and ports, and runs it until it is told to stop. */
import { randomUUID } from 'node:crypto'
import type { ChannelCredentials } from '@grpc/grpc-js'
import type { Notifier } from '../shared/systemd/notifier.ts'
import { version } from '../shared/version.ts'
import { type ApplierPorts, createApplier, hello } from './applier.ts'
import { createLeaderChannel } from './follow/leader-channel.ts'
import type { PatroniClient } from './follow/patroni-status.ts'
import { startFollowing } from './follow/start-following.ts'
import { locate } from './haproxy/locate.ts'
import { createRenewer } from './identity/renewer.ts'
import { createLiveness } from './liveness.ts'
import { createLink } from './local/link.ts'
import { liveStatus } from './local/local-status.ts'
import { serveStatus } from './local/status-socket.ts'
import { writeMetrics } from './observe/metrics-file.ts'
import { observe } from './observe/observe.ts'
import { metricsOf, type ReportPorts, report } from './observe/report.ts'
import { unchangedReader } from './observe/unchanged-reader.ts'
import type { AgentConfig } from './options.ts'
import { createRepairer } from './repair/repairer.ts'
import { createRetrier } from './retry/retrier.ts'
import { clearOldStates } from './server-state/clear-old.ts'
import { openStream, probe } from './session/connect.ts'
import { runSession } from './session/run.ts'

export interface AgentPorts extends ApplierPorts {
  readonly patroni: PatroniClient
  /** For each new connection. */
  readonly credentials: () => Promise<ChannelCredentials>
  /** In [0, 1). */
  readonly random: () => number
  /** Who started the agent and watches over it; nobody: undefined. */
  readonly notifier?: Notifier
}

/**
 * Runs until `signal` aborts; an apply in hand is brought to its end.
 *
 * @throws AppError `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE`
 */
export async function runAgent(ports: AgentPorts, config: AgentConfig, signal: AbortSignal): Promise<void> {
  const { files, clock, log } = ports
  const applier = await createApplier(ports, config)
  const { blobs, options, engine, ledger, oldWorkers, worker, lately } = applier
  const repairer = createRepairer(
    { ...ports, blobs, engine, oldWorkers, ledger, exclusively: worker.exclusively },
    { paths: options.paths, policy: config.drift, quietMs: config.drift_quiet_ms },
  )
  const channel = createLeaderChannel()
  const { following, done: followed } = startFollowing(
    {
      ...{ ...ports, blobs, engine, oldWorkers, ledger, channel },
      ...{ exclusively: worker.exclusively, urgently: worker.urgently },
      asker: ports.states.asker,
      locate: lately,
    },
    {
      node: config.node,
      policy: config.follow,
      stableMs: config.follow_stable_ms,
      patroniPollMs: config.patroni_poll_ms,
      stateDir: config.state_dir,
      notifySocket: config.notify_socket,
    },
    signal,
  )
  const retrier = createRetrier(
    { ...ports, engine, oldWorkers, ledger, exclusively: worker.exclusively },
    { quietMs: config.drift_quiet_ms, pollMs: retryPollMs },
  )
  const renewer = createRenewer(
    { ...ports, probe },
    {
      node: config.node,
      paths: { ca: config.tls_ca, cert: config.tls_cert, key: config.tls_key },
      areAuthoritiesFixed: config.authorities === 'fixed',
    },
  )
  const seenAgain = unchangedReader(files, clock)
  const reportPorts = {
    oldWorkers,
    ledger,
    repairer,
    state: engine.state,
    leaders: following.views,
    leaderChanges: following.changes,
    certificate: () => renewer.standing(),
    observe: () => observe({ ...ports, files: seenAgain, blobs }, options.paths, engine.state()),
  }
  const clearing = clearOldStates(ports, () => locate(files, options.paths), signal).catch((err: unknown) =>
    log.warn({ err }, 'old states of servers could not be taken away'),
  )
  const liveness = createLiveness(clock, config)
  const link = createLink(clock)
  const self = { pid: process.pid, version, startedMs: clock.now() }
  const status = async () => liveStatus(self, link.state(), engine.state(), await report(reportPorts))
  const watching = [
    ports.notifier?.watch(() => liveness.isAlive(worker.busySince()), signal),
    clearing,
    oldWorkers.run(signal),
    repairer.run(signal),
    followed,
    retrier.run(signal),
    renewer.run(signal),
    keepMetrics(ports, reportPorts, config.metrics_file, signal),
    serveStatus(config.state_dir, status, signal).catch((err: unknown) =>
      log.warn({ err }, 'pgsvc agent status cannot ask this agent'),
    ),
  ]
  const bootId = randomUUID()
  // Whatever was remembered is in force, and leaders are followed: a controller is not needed for that.
  ports.notifier?.ready('no controller yet; what was applied last is kept, leaders are followed')
  await runSession(
    {
      clock,
      log,
      worker,
      leaders: channel,
      identity: renewer,
      random: ports.random,
      observe: () => report(reportPorts),
      state: engine.state,
      hello: () => hello(ports, applier, bootId),
      open: async (address) => openStream(address, await ports.credentials()),
      onTurn: liveness.turn,
      onConnected: (address) => {
        link.connected(address)
        ports.notifier?.status(`connected to ${address}`)
      },
      onAway: (address, reason) => {
        link.away(address, reason)
        ports.notifier?.status(`no controller: ${address}: ${reason}; leaders are followed all the same`)
      },
    },
    { node: config.node, controllers: config.controllers, welcomeTimeoutMs: 10_000, stableMs: 30_000 },
    signal,
  )
  await Promise.all(watching)
  await worker.idle()
}

const metricsEveryMs = 10_000
/** Only while there is something that could not be taken; it then reads what HAProxy would load. */
const retryPollMs = 5_000

/** Metrics are there without a controller too, so they have a rhythm of their own. */
async function keepMetrics(
  { files, clock, log }: AgentPorts,
  reportPorts: ReportPorts,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  if (path === '') return
  let wasWell = true
  while (!signal.aborted) {
    const problem = await report(reportPorts)
      .then((seen) => writeMetrics(files, path, metricsOf(reportPorts, seen)))
      .then(
        () => undefined,
        (err: unknown) => ({ err, path }),
      )
    if (problem && wasWell) log.warn(problem, 'metrics could not be written')
    wasWell = problem === undefined
    await clock.sleep(metricsEveryMs, signal)
  }
}
