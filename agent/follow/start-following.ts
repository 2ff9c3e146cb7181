/** Puts the following of leaders together from the agent's parts. */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Engine } from '../apply/engine.ts'
import { toFault } from '../apply/fault-error.ts'
import type { ApplyOutcome } from '../apply/outcome.ts'
import type { Cli } from '../haproxy/cli.ts'
import type { Located } from '../haproxy/locate.ts'
import { type Ledger, leftBehind } from '../observe/ledger.ts'
import type { OldWorkers } from '../old-workers/old-workers.ts'
import type { Asker } from '../server-state/ask.ts'
import type { BlobStore } from '../state/blob-store.ts'
import { createAssignedReader } from './assigned.ts'
import { leadsAfter } from './callback.ts'
import { createFollowing, type Following, type FollowingOptions } from './following.ts'
import type { LeaderChannel } from './leader-channel.ts'
import { createLiftedFile } from './lifted.ts'
import { createLifter } from './lifter.ts'
import { serveNotifySocket } from './notify-socket.ts'
import type { PatroniClient } from './patroni-status.ts'
import { readRows, type ToTell, tell, tellAll } from './server-rows.ts'

export interface StartPorts {
  readonly files: Files
  readonly clock: Clock
  readonly cli: Cli
  readonly asker: Asker
  readonly patroni: PatroniClient
  readonly blobs: BlobStore
  readonly engine: Pick<Engine, 'state' | 'follow'>
  readonly oldWorkers: Pick<OldWorkers, 'look' | 'count'>
  readonly ledger: Pick<Ledger, 'applied' | 'failed'>
  readonly channel: LeaderChannel
  readonly locate: () => Promise<Located>
  /** While no order of the controller is worked on; undefined when there was no time. */
  readonly exclusively: <T>(task: () => Promise<T>) => Promise<T | undefined>
  readonly log: Logger
}

export interface StartOptions extends FollowingOptions {
  readonly stateDir: string
  /** '' for none. */
  readonly notifySocket: string
}

/** Where HAProxy's sockets are does not change often, and looking for one that does not run reads all of /proc. */
const locateEveryMs = 5_000

/** @returns what is followed, and the end of it all, which comes after `signal` has aborted */
export function startFollowing(
  ports: StartPorts,
  options: StartOptions,
  signal: AbortSignal,
): { readonly following: Following; readonly done: Promise<unknown> } {
  const { clock, cli, engine, log, channel } = ports
  const sockets = createSockets(ports)
  const lifter = createLifter({
    ...{ clock, log },
    file: createLiftedFile(ports.files, options.stateDir),
    tell: async (commands) => tellAll(cli, await sockets(), commands),
  })
  const following = createFollowing(
    {
      ...{ clock, log, asker: ports.asker, patroni: ports.patroni, state: engine.state },
      assigned: createAssignedReader({ blobs: ports.blobs, state: engine.state }),
      rows: async () => readRows(cli, await sockets()),
      tell: (servers) => tellAndEnd(ports, sockets, lifter.note, servers),
      move: (owner, leader, sinceMs) => ports.exclusively(() => move(ports, owner, leader, sinceMs)),
      report: channel.report,
    },
    options,
  )
  channel.listen(following)
  return {
    following,
    done: Promise.all([following.run(signal), lifter.run(signal), hear(following, options, log, signal)]),
  }
}

function createSockets({ clock, locate }: StartPorts): () => Promise<Located> {
  let known: { readonly atMs: number; readonly located: Located } | undefined
  return async () => {
    if (known === undefined || clock.monotonic() - known.atMs >= locateEveryMs) {
      known = { located: await locate(), atMs: clock.monotonic() }
    }
    return known.located
  }
}

/** The running worker ends its sessions with a server that goes down; the old ones are seen to at once. */
async function tellAndEnd(
  { cli, oldWorkers, log }: StartPorts,
  sockets: () => Promise<Located>,
  note: (servers: readonly ToTell[]) => Promise<void>,
  servers: readonly ToTell[],
) {
  const told = await tell(cli, await sockets(), servers)
  await note(servers)
  void oldWorkers.look().catch((err: unknown) => log.warn({ err }, 'old workers could not be looked at'))
  return told
}

async function move(
  { engine, ledger, oldWorkers, log }: StartPorts,
  owner: string,
  leader: string,
  sinceMs: number,
): Promise<ApplyOutcome> {
  const outcome = await engine
    .follow(owner, leader, sinceMs)
    .catch((error: unknown) => ({ kind: 'failed', fault: toFault(error, 'receive') }) as const)
  if (outcome.kind === 'failed') {
    ledger.failed(outcome.fault)
    return outcome
  }
  const { change, reasons, generation, times } = outcome
  const left = leftBehind(change === 'reload' ? await oldWorkers.count().catch(() => []) : [])
  ledger.applied(outcome, left)
  log.info({ owner, leader, change, reasons, generation, ...left, ...times }, 'files follow the leader')
  return outcome
}

/** Without its socket the agent goes on: callbacks are only one of its sources. */
async function hear(
  following: Following,
  { notifySocket }: StartOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (notifySocket === '') return
  await serveNotifySocket(
    notifySocket,
    (callback) => {
      log.debug(callback, 'callback of Patroni')
      following.callback(callback.scope, leadsAfter(callback))
    },
    signal,
  ).catch((err: unknown) => log.warn({ err, path: notifySocket }, "Patroni's callbacks cannot be heard"))
}
