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
import { serveNotifySocket } from './notify-socket.ts'
import { createOwedFile } from './owed.ts'
import type { PatroniClient } from './patroni-status.ts'
import { createPutBack, type PutBack } from './put-back.ts'
import type { Place } from './routing.ts'
import { isHeldBack, readRows, type ToTell, tell, tellAll } from './server-rows.ts'

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
  /** As soon as the order that is worked on is over. */
  readonly urgently: <T>(task: () => Promise<T>) => Promise<T>
  readonly log: Logger
}

export interface StartOptions extends FollowingOptions {
  readonly stateDir: string
  /** '' for none. */
  readonly notifySocket: string
}

/** @returns what is followed, and the end of it all, which comes after `signal` has aborted */
export function startFollowing(
  ports: StartPorts,
  options: StartOptions,
  signal: AbortSignal,
): { readonly following: Following; readonly done: Promise<unknown> } {
  const { clock, cli, engine, log, channel } = ports
  const { locate: sockets } = ports
  const rows = async () => readRows(cli, await sockets())
  const putBack = createPutBack({
    ...{ clock, log, rows, exclusively: ports.exclusively },
    file: createOwedFile(ports.files, options.stateDir),
    tell: async (commands) => tellAll(cli, await sockets(), commands),
  })
  const following = createFollowing(
    {
      ...{ clock, log, asker: ports.asker, patroni: ports.patroni, state: engine.state },
      assigned: createAssignedReader({ blobs: ports.blobs, state: engine.state }),
      rows,
      tell: (servers) => tellAndEnd(ports, sockets, putBack, servers),
      spare: (spared, back) => spare(ports, sockets, putBack, spared, back),
      move: (owner, leader, sinceMs, isWanted) =>
        ports.urgently(async () =>
          (await isWanted()) ? await move(ports, owner, leader, sinceMs) : undefined,
        ),
      report: channel.report,
      hasController: channel.isAttached,
    },
    options,
  )
  channel.listen(following)
  return {
    following,
    done: Promise.all([following.run(signal), putBack.run(signal), hear(following, options, log, signal)]),
  }
}

/** The running worker ends its sessions with a server that goes down; the old ones are seen to at once. */
async function tellAndEnd(
  { cli, clock, oldWorkers, log }: StartPorts,
  sockets: () => Promise<Located>,
  { note }: Pick<PutBack, 'note'>,
  servers: readonly ToTell[],
) {
  const lifted = servers.filter(({ server, health }) => health === 'up' && isHeldBack(server))
  // Before it is lifted: an agent that dies in between would leave it so.
  await note(
    lifted.map(({ section, server }) => ({
      section: section.name,
      server: server.name,
      what: 'maxconn',
      value: server.maxconn,
      untilMs: clock.now() + server.slowstartMs,
    })),
  )
  const told = await tell(cli, await sockets(), servers)
  void oldWorkers.look().catch((err: unknown) => log.warn({ err }, 'old workers could not be looked at'))
  return told
}

/** As long as pgbouncer refuses clients whose PostgreSQL it could not reach: `server_login_retry`, 15 s, and a bit. */
const spareMs = 16_000

/**
 * A member that has just been demoted answers its checks long before the pgbouncer beside it takes clients again. So it
 * gets the weight 0 where it stands by for others; the leader's variant, in which it is a server like they are, takes
 * that over with the reload. Where nobody else serves it is not spared.
 */
async function spare(
  { cli, clock, log }: StartPorts,
  sockets: () => Promise<Located>,
  putBack: Pick<PutBack, 'note' | 'weightsNow'>,
  spared: readonly Place[],
  back: readonly Place[],
): Promise<void> {
  await putBack.weightsNow(back)
  if (spared.length === 0) return
  const untilMs = clock.now() + spareMs
  await putBack.note(
    spared.map(({ section, server, weight }) => ({
      section,
      server,
      what: 'weight',
      value: weight,
      untilMs,
    })),
  )
  const commands = spared.map(({ section, server }) => `set server ${section}/${server} weight 0`)
  const complaint = await tellAll(cli, await sockets(), commands)
  if (complaint !== undefined) log.warn({ complaint, spared }, 'a former leader could not be spared')
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
    {
      onCallback: (callback) => {
        log.debug(callback, 'callback of Patroni')
        following.callback(callback.scope, leadsAfter(callback))
      },
      onClosedDir: (dir) =>
        log.warn(
          { path: notifySocket, dir },
          `Patroni's callbacks cannot get through ${dir}: chmod o+x ${dir}`,
        ),
    },
    signal,
  ).catch((err: unknown) => log.warn({ err, path: notifySocket }, "Patroni's callbacks cannot be heard"))
}
