/** The options that everything which publishes has: one definition for parsing and for --help. */
import { userInfo } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { PublishOptions } from '../../shared/rpc/generated/pgsvc/v1/PublishOptions.ts'
import { defaultController } from './address.ts'

/** As commander gives them. */
export interface ControllerFlags {
  readonly controller?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

export interface ActFlags extends ControllerFlags {
  readonly check?: boolean
  readonly diff?: boolean
  readonly json?: boolean
  /** Milliseconds. */
  readonly timeout?: number
  readonly allowShrink?: boolean
  readonly color?: boolean
}

type Env = Readonly<Record<string, string | undefined>>

/** --controller and the operator's certificate. */
export function addControllerOptions(command: Command): Command {
  return command
    .option(
      '--controller <address>',
      `controller: unix:/path or host:port (env: PGSVC_CONTROLLER; default: ${defaultController})`,
    )
    .option('--tls-ca <file>', 'certificate authority, for host:port (env: PGSVC_TLS_CA)')
    .option('--tls-cert <file>', "operator's certificate, for host:port (env: PGSVC_TLS_CERT)")
    .option('--tls-key <file>', "operator's key, for host:port (env: PGSVC_TLS_KEY)")
}

/**
 * All options of an act.
 *
 * @param mayShrink - it is one that shrink protection looks at
 */
export function addActOptions(command: Command, mayShrink = true): Command {
  command
    .option('--check', 'change nothing; succeed if the real thing would')
    .option('--diff', 'show what changes in each file, as unified diffs')
    .option('--json', 'one JSON object per line; the last one is the summary')
    .option(
      '--timeout <seconds>',
      "give up waiting for nodes after this long (default: the controller's)",
      toMs,
    )
  if (mayShrink)
    command.option(
      '--allow-shrink',
      'go on although a service loses half its servers or a node its last service',
    )
  addColourOptions(command)
  return addControllerOptions(command)
}

/** --color and --no-color; neither means: on a terminal. */
export function addColourOptions(command: Command): Command {
  return command
    .addOption(new Option('--color', 'colours even if the output is not a terminal'))
    .addOption(new Option('--no-color', 'no colours (env: NO_COLOR)'))
}

function toMs(text: string): number {
  const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (seconds <= 0 || seconds > 86_400)
    throw new InvalidArgumentError('give seconds, more than 0, at most 86400')
  return Math.round(seconds * 1000)
}

/** What the controller is told about how to carry out an act. */
export function publishOptions(flags: ActFlags, env: Env): PublishOptions {
  return {
    check: flags.check === true,
    diff: flags.diff === true,
    allowShrink: flags.allowShrink === true,
    timeoutMs: flags.timeout ?? 0,
    operator: operatorName(env),
  }
}

/** Who asks: behind sudo the one who called it. */
export function operatorName(env: Env): string {
  if (env.SUDO_USER) return env.SUDO_USER
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown') // a user id without a name, as in some containers
  }
}
