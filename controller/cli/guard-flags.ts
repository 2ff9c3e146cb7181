/** What the agents are said to take, for commands that plan without a controller. */
import type { Command } from 'commander'
import { safeParse } from 'zod/mini'
import { guardOptions, guardRulesOf } from '../../shared/config/guard-options.ts'
import { flagName } from '../../shared/config/options.ts'
import { AppError } from '../../shared/errors/app-error.ts'
import type { GuardRules } from '../../shared/haproxy/guard-rules.ts'

export interface GuardFlags {
  readonly guardAllow?: string
  readonly guardCertDirs?: string
  readonly guardCaFiles?: string
}

/** Adds `--guard-allow`, `--guard-cert-dirs` and `--guard-ca-files`, which mean what they mean to an agent. */
export function addGuardOptions(command: Command): Command {
  for (const [key, { value }] of Object.entries(guardOptions)) {
    command.option(`${flagName(key)} ${value}`, `as the agents' ${key}`)
  }
  return command
}

/** @throws AppError `CONFIG_INVALID` */
export function guardOf({ guardAllow, guardCertDirs, guardCaFiles }: GuardFlags): GuardRules {
  return guardRulesOf({
    guard_allow: flagValue('guard_allow', guardAllow),
    guard_cert_dirs: flagValue('guard_cert_dirs', guardCertDirs),
    guard_ca_files: flagValue('guard_ca_files', guardCaFiles),
  })
}

function flagValue(key: keyof typeof guardOptions, text: string | undefined): readonly string[] {
  const spec = guardOptions[key]
  if (text === undefined) return spec.default
  const result = safeParse(spec.schema, text)
  if (result.success) return result.data
  const why = result.error.issues.map(({ message }) => message).join('; ')
  throw new AppError('CONFIG_INVALID', `${flagName(key)} ${text}: ${why}`)
}
