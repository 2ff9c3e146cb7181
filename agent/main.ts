/** `pgsvc agent`: composition root and command line of the agent. */
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import { Argument, Command, CommanderError } from 'commander'
import { addOptions, resolveConfig } from '../shared/config/options.ts'
import { AppError, describeError } from '../shared/errors/app-error.ts'
import { serverStateDir } from '../shared/haproxy/server-state.ts'
import { createLogger, type Logger, openLogger } from '../shared/log/logger.ts'
import { pairIsLeft } from '../shared/pki/pair-files.ts'
import { type Clock, systemClock } from '../shared/ports/clock.ts'
import { systemExec } from '../shared/ports/exec.ts'
import { systemFiles } from '../shared/ports/files.ts'
import { systemNames } from '../shared/ports/names.ts'
import { createNotifier } from '../shared/systemd/notifier.ts'
import { version } from '../shared/version.ts'
import { adoptionText, reportAdoption } from './adopt.ts'
import { beforeStart } from './before-start.ts'
import { installSigned } from './identity/install.ts'
import type { IdentityPaths } from './identity/paths.ts'
import { requestFor } from './identity/request.ts'
import { type AgentConfig, agentConfigFile, agentOptions, haproxyPaths } from './options.ts'
import { systemAsker } from './server-state/ask.ts'
import type { StatePorts } from './server-state/carried-reload.ts'
import { systemHandOver } from './server-state/hand-over.ts'
import { hasViewGoneStale, isOnReadOnly } from './stale-view.ts'

/** What `pgsvc agent` takes. */
export function agentCommand(): Command {
  const command = new Command('pgsvc agent')
    .description('keeps what the controller publishes in HAProxy on this node')
    .addArgument(new Argument('[action]', 'see below').choices(Object.keys(actions)).default('run'))
    .option('--dry-run', 'with adopt: only say')
    .option('--json', 'with adopt and status: for programs')
    .option('--keep <path...>', 'with leave: what somebody else on this host needs')
    .option('--check', 'with leave: only say whether it could be done')
    .option('--new-key', 'with request-certificate: make a new key also if there is one')
    .version(version)
    .addHelpText('after', actionsText())
    .exitOverride()
  return addOptions(command, agentOptions, agentConfigFile)
}

const actions = {
  run: 'the daemon itself',
  status: 'how this node stands, without any controller',
  adopt: 'with --dry-run: what publishes would take over',
  recover: 'before HAProxy starts: make its files whole again',
  'request-certificate': 'print a request to sign for this node',
  'install-certificate': 'take the signed one from standard input',
  try: 'say whether an agent would work here',
  once: 'serve one command over standard input and output (pgsql-svc --ssh)',
  leave:
    'before the agent is taken off: make conf.d a plain directory again and remove what only an agent needs',
} as const

function actionsText(): string {
  const lines = Object.entries(actions).map(([name, text]) => `  ${name.padEnd(21)}${text}`)
  return `\nActions:\n${lines.join('\n')}\n`
}

/**
 * @param argv - what follows `pgsvc agent`
 * @returns exit status: 0 after a clean end, 1 when the agent cannot start or did not come to its end in time,
 *   2 for wrong arguments
 */
export async function main(argv: readonly string[]): Promise<number> {
  const command = agentCommand()
  try {
    command.parse([...argv], { from: 'user' })
    const [action] = command.processedArgs
    if (action === 'recover') return await recover(command.opts())
    if (action === 'adopt') return await adopt(command)
    if (action === 'request-certificate') return await requestCertificate(command.opts())
    if (action === 'install-certificate') return await installCertificate(command.opts())
    if (action === 'status') return await status(command.opts()).catch(failingAs(command.opts().json))
    if (action === 'try') return await tryHere(await readConfig(command.opts()))
    if (action === 'leave') return await leaveHere(await readConfig(command.opts()), command.opts())
    if (action === 'once') return await once(await readConfig(command.opts()))
    return await run(await readConfig(command.opts()))
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`pgsvc agent: ${describeError(error)}\n`)
    return 1
  }
}

/** With --json a failure is JSON too, as that of the commands which ask a controller. */
function failingAs(json: unknown): (error: unknown) => number {
  return (error) => {
    if (json !== true) throw error
    const { code, message, at, hint } =
      error instanceof AppError ? error : new AppError('AGENT_SILENT', describeError(error))
    const told = { code, message, at: at ?? null, hint: hint ?? null }
    process.stdout.write(`${JSON.stringify({ error: told })}\n`)
    return 1
  }
}

async function readConfig(flags: Readonly<Record<string, unknown>>): Promise<AgentConfig> {
  const named = flags.config ?? process.env.PGSVC_CONFIG
  const path = typeof named === 'string' && named !== '' ? named : agentConfigFile
  const text = (await systemFiles().read(path))?.toString('utf8')
  if (text === undefined && path === named) throw new AppError('CONFIG_INVALID', `${path} does not exist`)
  const file = text === undefined ? undefined : { path, text }
  const config = resolveConfig(agentOptions, { flags, env: process.env, file })
  if (config.node !== '') return config
  throw new AppError('CONFIG_INVALID', 'node is not set', {
    hint: `say --node NAME, PGSVC_NODE=NAME, or node: NAME in ${path}; the name is the one of the inventory`,
  })
}

function systemStates(): StatePorts {
  return { asker: systemAsker(), handOver: systemHandOver(), dir: serverStateDir }
}

/** Never fails: HAProxy's start must not depend on it. */
async function recover(flags: Readonly<Record<string, unknown>>): Promise<number> {
  try {
    const config = await readConfig(flags)
    const log = await openLogger('agent', config.log_level, config.log_format)
    const options = { node: config.node, stateDir: config.state_dir, paths: haproxyPaths(config) }
    const ports = { files: systemFiles(), clock: systemClock(), states: systemStates(), log }
    await beforeStart(ports, options)
    // A step that is overdue, or the name of a server that nobody resolves, would go on for as long as it likes.
    endForReal()
  } catch (error) {
    process.stderr.write(`pgsvc agent recover: ${describeError(error)}\n`)
  }
  return 0
}

async function requestCertificate(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const paths = identityPaths(await readConfig(flags))
  process.stdout.write(await requestFor(systemFiles(), paths, flags.newKey === true))
  return 0
}

async function installCertificate(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const config = await readConfig(flags)
  const ends = await installSigned(
    { files: systemFiles(), clock: systemClock(), onLeft: sayWhatIsLeft },
    identityPaths(config),
    config.node,
    await text(process.stdin),
  )
  process.stdout.write(`certificate of ${config.node}, valid until ${ends}\n`)
  return 0
}

function sayWhatIsLeft(path: string, error: unknown): void {
  process.stderr.write(`pgsvc agent: ${path}: ${pairIsLeft}: ${describeError(error)}\n`)
}

function identityPaths(config: AgentConfig): IdentityPaths {
  return { ca: config.tls_ca, cert: config.tls_cert, key: config.tls_key }
}

/** @returns 1 when no agent runs; what the last one wrote down is shown all the same */
async function status(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const [{ askStatus }, { rememberedStatus }, { localStatusText }, { createStateFile }] = await Promise.all([
    import('./local/status-socket.ts'),
    import('./local/local-status.ts'),
    import('./local/status-text.ts'),
    import('./state/state-file.ts'),
  ])
  const { node, state_dir: stateDir } = await readConfig(flags)
  const live = await askStatus(stateDir)
  const found = live ?? rememberedStatus(await createStateFile(systemFiles(), stateDir).load(node))
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : localStatusText(found))
  return found.agent ? 0 : 1
}

async function adopt(command: Command): Promise<number> {
  const flags: Readonly<Record<string, unknown>> = command.opts()
  if (flags.dryRun !== true) {
    command.error('error: files are taken over by the first publish of their owner; say adopt --dry-run')
  }
  const config = await readConfig(flags)
  const options = { node: config.node, stateDir: config.state_dir, paths: haproxyPaths(config) }
  const found = await reportAdoption(systemFiles(), options)
  process.stdout.write(flags.json === true ? `${JSON.stringify(found, null, 2)}\n` : adoptionText(found))
  return 0
}

/** For each controller. */
const tryMs = 10_000

async function tryHere(config: AgentConfig): Promise<number> {
  const [{ tryAgent }, { askController, readCredentials }] = await Promise.all([
    import('./try-agent.ts'),
    import('./session/connect.ts'),
  ])
  const files = systemFiles()
  const address = await tryAgent(
    {
      files,
      credentials: () => readCredentials(files, identityPaths(config)),
      ask: (controller, own) => askController(controller, own, tryMs),
    },
    config,
  )
  process.stdout.write(`${address} takes ${config.node} in\n`)
  endForReal()
  return 0
}

async function leaveHere(
  config: AgentConfig,
  { check, keep = [] }: { readonly check?: boolean; readonly keep?: readonly string[] },
): Promise<number> {
  const [{ expectLeavable, leave }, { lockState }] = await Promise.all([
    import('./leave.ts'),
    import('./state/lock.ts'),
  ])
  const ports = { files: systemFiles(), exec: systemExec() }
  if (check) {
    // The agent may still run, and has the lock.
    await expectLeavable(ports.files, config)
    return 0
  }
  const unlock = lockState(config.state_dir, 'leave', createLogger('agent', 'warn'))
  const left = await leave(ports, config, keep)
  unlock()
  process.stdout.write(`${JSON.stringify(left)}\n`)
  return 0
}

/** For one command that comes by SSH; see once.ts. The log goes to standard error, which that command shows. */
async function once(config: AgentConfig): Promise<number> {
  const [{ runOnce }, { systemCli }] = await Promise.all([import('./once.ts'), import('./haproxy/cli.ts')])
  // The connection's end is told by the end of the input; an apply in hand must not be cut off by it.
  process.on('SIGHUP', () => undefined)
  process.stdout.on('error', () => undefined)
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  const log = createLogger('agent', 'warn')
  const world = { files: systemFiles(), exec: systemExec(), clock: systemClock(), cli: systemCli() }
  const ports = { ...world, names: systemNames(), states: systemStates(), log }
  await runOnce(ports, config, { input: process.stdin, output: process.stdout }, stop.signal)
  endForReal()
  return 0
}

async function run(config: AgentConfig): Promise<number> {
  // Loaded here, so that `recover` needs not wait for what only the daemon uses.
  const [
    { runAgent },
    { lockState },
    { systemCli },
    { keepAuthorities },
    { readCredentials },
    { systemPatroniClient },
  ] = await Promise.all([
    import('./agent.ts'),
    import('./state/lock.ts'),
    import('./haproxy/cli.ts'),
    import('./identity/authorities-file.ts'),
    import('./session/connect.ts'),
    import('./follow/patroni-status.ts'),
  ])
  const files = systemFiles()
  const log = await openLogger('agent', config.log_level, config.log_format)
  const paths = identityPaths(config)
  const believed = keepAuthorities(files, paths.ca)
  const credentials = () => readCredentials(files, paths, believed)
  // Said at the start, not after the first attempt: an agent without certificates is no agent.
  await credentials()
  const unlock = lockState(config.state_dir, 'agent', log)
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.once('SIGTERM', onSignal)
  process.once('SIGINT', onSignal)
  log.info({ node: config.node, controllers: config.controllers, version }, 'started')
  const world = { files, exec: systemExec(), clock: systemClock(), cli: systemCli(), names: systemNames() }
  const notifier = createNotifier({ ...world, log }, process.env, process.pid)
  stop.signal.addEventListener('abort', () => notifier.stopping(), { once: true })
  const ports = {
    ...world,
    states: systemStates(),
    patroni: systemPatroniClient(),
    log,
    credentials,
    notifier,
  }
  // By hand nobody would start it anew.
  if (process.env.NOTIFY_SOCKET)
    void endWhenStale(ports, dirname(config.service_dir || config.haproxy_config), stop)
  const running = runAgent({ ...ports, random: Math.random }, config, stop.signal).then(
    () => 'ended' as const,
    (error: unknown) => {
      // Whatever else goes on would keep the process, and its unit in "starting".
      stop.abort()
      throw error
    },
  )
  const limitMs = config.reload_timeout_ms + config.validate_timeout_ms
  const end = await Promise.race([running, deadline(stop.signal, limitMs)])
  if (end === 'ended') {
    unlock()
    log.info('stopped')
    // A connection that is being made to a host that drops everything would hold the process up for minutes.
    setTimeout(() => process.exit(), lingerMs).unref()
    return 0
  }
  log.error({ limitMs }, 'what was in hand did not come to its end; given up')
  endForReal()
  return 1
}

const lingerMs = 500

/** Another agent, which systemd starts in place of one that ends, may write there. */
async function endWhenStale(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  dir: string,
  stop: AbortController,
): Promise<void> {
  const isStale = await hasViewGoneStale({ clock, isReadOnly: isOnReadOnly }, dir, stop.signal)
  if (!isStale) return
  log.warn(
    { dir },
    'it came, or was made anew, after this agent had started, which may not write there: it makes room for another',
  )
  stop.abort()
}

/** An apply in hand may take this long to come to its end, no longer. */
async function deadline(signal: AbortSignal, ms: number): Promise<'overdue'> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
  return 'overdue'
}

/**
 * What hangs (a program, a disk that does not answer) keeps the process alive, and not all of it can be let go
 * of. A kill is safe at any moment: the next start finds by the agent's record what was begun.
 */
function endForReal(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200).unref()
}
