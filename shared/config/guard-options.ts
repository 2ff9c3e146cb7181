/**
 * What service files may say beyond the list that holds everywhere. Agents decide by their own configuration; a
 * controller is told the same, so that it does not refuse what its agents take.
 */
import * as z from 'zod/mini'
import { allowable, type GuardRules, usualCaFiles } from '../haproxy/guard-rules.ts'
import { isPlainPath } from '../haproxy/line-words.ts'
import { type ConfigOf, listOf, option } from './options.ts'

const plainPath = z.pipe(
  z.pipe(
    z.string(),
    z.transform((path: string) => path.replace(/\/+$/, '')),
  ),
  z.string().check(z.refine(isPlainPath, 'an absolute path of plain characters is expected')),
)

export const guardOptions = {
  guard_allow: option<readonly string[]>({
    value: '<directive,...>',
    description: `directives that service files may have beside the usual ones, of: ${[...allowable].join(' ')}`,
    schema: listOf(
      z.string().check(z.refine((name) => allowable.has(name), 'no directive that can be allowed')),
    ),
    default: [],
  }),
  guard_cert_dirs: option<readonly string[]>({
    value: '<dir,...>',
    description: 'directories whose certificates `bind ... ssl crt` may name',
    schema: listOf(
      z.pipe(
        plainPath,
        z.transform((dir: string) => `${dir}/`),
      ),
    ),
    default: [],
  }),
  guard_ca_files: option<readonly string[]>({
    value: '<file,...>',
    description: 'authorities that `ca-file` of a check over TLS may name',
    schema: listOf(z.union([z.literal('@system-ca'), plainPath])),
    default: usualCaFiles,
  }),
}

/** The rules that these options make. */
export function guardRulesOf(config: ConfigOf<typeof guardOptions>): GuardRules {
  return {
    allow: new Set(config.guard_allow),
    certDirs: config.guard_cert_dirs,
    caFiles: new Set(config.guard_ca_files),
  }
}
