/** A real controller and one real agent beside a real HAProxy: node p1. */
import { join } from 'node:path'
import { credentials } from '@grpc/grpc-js'
import { runAgent } from '../../agent/agent.ts'
import { systemPatroniClient } from '../../agent/follow/patroni-status.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { agentOptions } from '../../agent/options.ts'
import { resolveConfig } from '../../shared/config/options.ts'
import { createLogger } from '../../shared/log/logger.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { systemNames } from '../../shared/ports/names.ts'
import { statesFor } from '../support/haproxy-agent.ts'
import { createHaproxyLab, type HaproxyLab, until } from '../support/haproxy-lab.ts'
import { Harness } from './controller-harness.ts'

export interface RealNode {
  readonly harness: Harness
  readonly lab: HaproxyLab
  readonly metricsFile: string
  startAgent(): void
  stopAgent(): Promise<void>
  destroy(): Promise<void>
}

/** @param flags - more settings of the agent */
export async function startRealNode(flags: Readonly<Record<string, unknown>> = {}): Promise<RealNode> {
  const harness = new Harness()
  const lab = await createHaproxyLab()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  const { ca, cert, key } = await harness.issue({ kind: 'node', name: 'p1' })
  await harness.start()
  await lab.start()
  const metricsFile = join(lab.dir, 'pgsvc.prom')
  const config = resolveConfig(agentOptions, {
    env: {},
    flags: {
      ...{ node: 'p1', controllers: `127.0.0.1:${harness.port}`, stateDir: join(lab.dir, 'state') },
      ...{ haproxyConfig: lab.config, haproxyPidfile: lab.pidFile, metricsFile },
      // Its clusters have no Patroni, and other tests run on the same host.
      ...{ follow: 'off', notifySocket: '', ...flags },
    },
  })
  const ports = {
    ...{ files: systemFiles(), exec: systemExec(), clock: systemClock(), cli: systemCli() },
    ...{ names: systemNames(), states: statesFor(lab), random: Math.random },
    patroni: systemPatroniClient(),
    log: createLogger('agent', process.env.PGSVC_TEST_LOG === undefined ? 'silent' : 'info'),
    credentials: async () => credentials.createSsl(ca, key, cert),
  }
  let stop = new AbortController()
  let agent: Promise<void> | undefined
  const stopAgent = async () => {
    stop.abort()
    await agent
    agent = undefined
  }
  const startAgent = () => {
    stop = new AbortController()
    agent = runAgent(ports, config, stop.signal)
  }
  startAgent()
  await until(() => harness.running !== undefined, 5_000)
  return {
    ...{ harness, lab, metricsFile, startAgent, stopAgent },
    async destroy() {
      await stopAgent()
      await harness.destroy()
      await lab.destroy()
    },
  }
}
