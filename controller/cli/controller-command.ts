/** `pgsvc controller`: the daemon on the admin node. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addOptions, resolveConfig } from '../../shared/config/options.ts'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { type Logger, openLogger } from '../../shared/log/logger.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { createNotifier } from '../../shared/systemd/notifier.ts'
import { type RunningController, startController } from '../daemon.ts'
import { type ControllerConfig, controllerConfigFile, controllerOptions } from '../options.ts'
import type { CommandIo } from './io.ts'

/** After a signal the process is gone within this long, whatever hangs. */
const stopDeadlineMs = 10_000

export function controllerCommand(io: CommandIo): Command {
  const command = new Command('controller').description(
    'run the controller: agents connect to it, commands publish through it',
  )
  addOptions(command, controllerOptions, controllerConfigFile)
  return command.action(async (flags: Record<string, unknown>) => {
    try {
      const config = readConfig(flags, process.env)
      await runUntilSignal(config, await openLogger('controller', config.log_level, config.log_format))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      io.stderr(`${describeError(error)}\n`)
      io.setExitCode(1)
    }
  })
}

function readConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): ControllerConfig {
  const named = typeof flags.config === 'string' ? flags.config : env.PGSVC_CONFIG || undefined
  const file = readConfigFile(named)
  const config = resolveConfig(controllerOptions, { flags, env, file })
  if (config.silence_ms < 2 * config.heartbeat_ms) {
    throw new AppError('CONFIG_INVALID', 'silence_ms must be at least twice heartbeat_ms', {
      hint: `heartbeat_ms is ${config.heartbeat_ms}, silence_ms is ${config.silence_ms}`,
    })
  }
  return config
}

function readConfigFile(named: string | undefined): { path: string; text: string } | undefined {
  const path = named ?? controllerConfigFile
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (missing && named === undefined) return undefined
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('CONFIG_INVALID', `cannot read the configuration file: ${why}`, { cause })
  }
}

async function runUntilSignal(config: ControllerConfig, log: Logger): Promise<void> {
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>()
  process.once('SIGTERM', resolve)
  process.once('SIGINT', resolve)
  const over = new AbortController()
  const notifier = createNotifier({ exec: systemExec(), clock: systemClock(), log }, process.env, process.pid)
  let running: RunningController | undefined
  try {
    running = await startController(config, log)
    notifier.ready(`agents at ${config.listen}, commands at ${config.socket}`)
    // That the event loop turns is all there is to ask: the database is used on it, too.
    void notifier.watch(() => true, over.signal)
    log.info({ signal: await signalled }, 'controller stops')
    notifier.stopping()
    // Not unref'd on purpose: what hangs would keep the process anyway.
    const deadline = setTimeout(() => {
      log.error({ stopDeadlineMs }, 'controller did not stop in time')
      process.kill(process.pid, 'SIGKILL')
    }, stopDeadlineMs)
    await running.stop()
    clearTimeout(deadline)
  } finally {
    over.abort()
    process.off('SIGTERM', resolve)
    process.off('SIGINT', resolve)
  }
}
