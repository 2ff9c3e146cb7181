/**
 * `pgsvc agent once`: what a node without a running agent does for one command, `pgsql-svc --ssh`.
 *
 * The same orders, the same engine and the same answers as the daemon's, over standard input and output; what is
 * remembered is the daemon's too, so that an agent that comes later finds its own. It follows no leader and repairs
 * nothing: it is there for the length of a command.
 */
import { randomUUID } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { AppError } from '../shared/errors/app-error.ts'
import { type ApplierPorts, createApplier, hello } from './applier.ts'
import { createLeaderChannel } from './follow/leader-channel.ts'
import type { IdentityChannel } from './identity/renewer.ts'
import { observe } from './observe/observe.ts'
import type { Report } from './observe/report.ts'
import type { AgentConfig } from './options.ts'
import { openByteStream } from './session/byte-stream.ts'
import { runStream } from './session/stream.ts'
import { holderOf, lockState } from './state/lock.ts'

/** It has no certificate: who it is, is the word of the operator that brought it. */
const noIdentity: IdentityChannel = {
  attach: () => undefined,
  detach: () => undefined,
  answered: () => undefined,
  renewNow: () => undefined,
}

/** A Welcome travels over SSH, to the operator's host, to the controller and back. */
const welcomeMs = 30_000

/**
 * Serves until the input ends; an apply in hand comes to its end whatever becomes of the connection.
 *
 * @throws AppError `AGENT_RUNS` when a daemon is at work here, `RELAY_BUSY` when another command is,
 *   `ENROLMENT_RUNS` while it is taken off; `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE`
 */
export async function runOnce(
  ports: ApplierPorts,
  config: AgentConfig,
  io: { readonly input: Readable; readonly output: Writable },
  signal: AbortSignal,
): Promise<void> {
  const unlock = lockOrSay(config, ports.log)
  const applier = await createApplier(ports, config)
  const { worker, engine, blobs, options, oldWorkers, ledger } = applier
  const observed = async (): Promise<Report> => {
    const seen = await observe({ ...ports, blobs }, options.paths, engine.state())
    return {
      ...seen,
      drift: seen.drift.map((file) => ({ ...file, action: 'left' })),
      oldWorkers: await oldWorkers.count(),
      lastReload: ledger.lastReload(),
      lastRepair: undefined,
      leaders: [],
      certificate: undefined,
    }
  }
  const first = await hello(ports, applier, randomUUID())
  const { log, clock } = ports
  const { reason } = await runStream(
    {
      ...{ log, clock, worker, observe: observed, state: engine.state },
      ...{ leaders: createLeaderChannel(), identity: noIdentity },
    },
    openByteStream(io.input, io.output),
    { node: config.node, address: '', hello: first, welcomeTimeoutMs: welcomeMs },
    signal,
  )
  log.debug({ reason }, 'the command is over')
  await worker.idle()
  unlock()
}

function lockOrSay(config: AgentConfig, log: ApplierPorts['log']): () => void {
  try {
    return lockState(config.state_dir, 'once', log)
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'STATE_IN_USE') throw cause
    const holder = holderOf(config.state_dir)
    if (holder === 'once')
      throw new AppError('RELAY_BUSY', `another command is at work on ${config.node}`, { cause })
    if (holder === 'leave') {
      const hint = 'wait until it has ended, then publish again'
      throw new AppError('ENROLMENT_RUNS', `pgsvc unenroll is at work on ${config.node}`, { hint, cause })
    }
    throw new AppError('AGENT_RUNS', `an agent runs on ${config.node} and has no stream to this controller`, {
      hint: 'see "pgsvc status" and the journal of pgsvc-agent there; stop it to publish over SSH: systemctl stop pgsvc-agent',
      cause,
    })
  }
}
