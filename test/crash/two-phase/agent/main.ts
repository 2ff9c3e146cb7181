/** The agent in a process of its own. Only its patience between two dials is shorter than the real one's. */
import { runAgent } from '../../../../agent/agent.ts'
import { systemPatroniClient } from '../../../../agent/follow/patroni-status.ts'
import { systemCli } from '../../../../agent/haproxy/cli.ts'
import { agentOptions } from '../../../../agent/options.ts'
import { systemAsker } from '../../../../agent/server-state/ask.ts'
import { systemHandOver } from '../../../../agent/server-state/hand-over.ts'
import { readCredentials } from '../../../../agent/session/connect.ts'
import { resolveConfig } from '../../../../shared/config/options.ts'
import { createLogger } from '../../../../shared/log/logger.ts'
import { systemClock } from '../../../../shared/ports/clock.ts'
import { systemExec } from '../../../../shared/ports/exec.ts'
import { systemFiles } from '../../../../shared/ports/files.ts'
import { systemNames } from '../../../../shared/ports/names.ts'

export interface AgentTask {
  readonly flags: Readonly<Record<string, unknown>>
  /** Where HAProxy finds its servers' states. */
  readonly statesDir: string
}

/** From the process, asked for by any word: memory in use once all garbage is gone. */
export interface AgentWord {
  readonly heapKb: number
}

async function main({ flags, statesDir }: AgentTask): Promise<void> {
  const config = resolveConfig(agentOptions, { env: {}, flags })
  const files = systemFiles()
  const stop = new AbortController()
  process.on('disconnect', () => process.exit(0))
  process.on('message', async () => {
    globalThis.gc?.()
    // What the first round lets go by a finalizer, as sockets are, holds more.
    await new Promise(setImmediate)
    globalThis.gc?.()
    process.send?.({ heapKb: Math.round(process.memoryUsage().heapUsed / 1024) } satisfies AgentWord)
  })
  process.on('SIGTERM', () => stop.abort())
  const paths = { ca: config.tls_ca, cert: config.tls_cert, key: config.tls_key }
  await runAgent(
    {
      files,
      exec: systemExec(),
      clock: systemClock(),
      cli: systemCli(),
      names: systemNames(),
      states: { asker: systemAsker(), handOver: systemHandOver(), dir: statesDir },
      patroni: systemPatroniClient(),
      log: createLogger('agent', config.log_level),
      credentials: () => readCredentials(files, paths),
      random: () => 0.05,
    },
    config,
    stop.signal,
  )
  process.disconnect()
}

await main(JSON.parse(process.argv[2] ?? '') as AgentTask) // written by our own test
