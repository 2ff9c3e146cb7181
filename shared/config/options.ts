/**
 * One table of options per daemon; configuration file, environment, flags, --help and docs all come from it,
 * so they cannot disagree. Precedence: flag, environment, file, default.
 */
import { type Command, Option } from 'commander'
import { LineCounter, parseDocument } from 'yaml'
import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { AppError, type Location } from '../errors/app-error.ts'
import { yamlHint } from '../errors/yaml-hint.ts'

// What is wrong with a value is said in words; this edition of zod comes without any.
z.config(en())

export interface OptionSpec<T> {
  /** Placeholder of the value in --help, e.g. `<address:port>`. */
  readonly value: string
  /** What it is, with the unit. */
  readonly description: string
  /** Takes text (flag, environment) or a YAML scalar or list (file). */
  readonly schema: z.core.$ZodType<T>
  /** Used when nothing sets it. */
  readonly default: T
}

/** Options by their key in the configuration file (snake_case, as in Pigsty). */
export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>

/** Plain values, one per option. */
export type ConfigOf<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends OptionSpec<infer V> ? V : never
}

/** Keeps the types of a table's values. */
export function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec
}

/** A YAML list, or text with commas; empty text for none. */
export function listOf<T>(item: z.core.$ZodType<T, string>) {
  const inText = z.pipe(
    z.string(),
    z.transform((text: string) => (text === '' ? [] : text.split(','))),
  )
  const trimmed = z.transform((list: string[]) => list.map((one) => one.trim()))
  return z.pipe(z.pipe(z.union([z.array(z.string()), inText]), trimmed), z.array(item))
}

/** `--state-dir` for `state_dir`. */
export function flagName(key: string): string {
  return `--${key.replaceAll('_', '-')}`
}

/** `PGSVC_STATE_DIR` for `state_dir`. */
export function envName(key: string): string {
  return `PGSVC_${key.toUpperCase()}`
}

/** Adds a table's flags, and `--config`, to a command. */
export function addOptions(command: Command, table: OptionTable, defaultFile: string): Command {
  command.addOption(
    new Option(
      '--config <file>',
      `configuration file, YAML (default: ${defaultFile} if it exists; env: PGSVC_CONFIG)`,
    ),
  )
  for (const [key, spec] of Object.entries(table)) {
    const text = `${spec.description} (default: ${defaultText(spec)}; env: ${envName(key)})`
    command.addOption(new Option(`${flagName(key)} ${spec.value}`, text))
  }
  return command
}

function defaultText(spec: OptionSpec<unknown>): string {
  return spec.default === ''
    ? 'none'
    : Array.isArray(spec.default)
      ? spec.default.join(',') || 'none'
      : String(spec.default)
}

/** What nobody needs has no default that shows how it is written. */
function exampleOf(spec: OptionSpec<unknown>): string {
  const text = defaultText(spec)
  return text === 'none' ? `written as ${spec.value}` : `e.g. ${text}`
}

/** A table as a Markdown table, for docs/configuration.md. */
export function optionsMarkdown(table: OptionTable): string {
  const rows = Object.entries(table).map(
    ([key, spec]) =>
      `| \`${key}\` | \`${flagName(key)} ${spec.value}\` | \`${envName(key)}\` | ${defaultText(spec)} | ${spec.description} |`,
  )
  return ['| key | flag | environment | default | meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

export interface ConfigSources {
  /** Flags as commander gives them: camelCase keys. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** The configuration file, when there is one. */
  readonly file?: { readonly path: string; readonly text: string } | undefined
}

/**
 * The values of a table from all sources.
 *
 * @throws AppError `CONFIG_INVALID` naming the flag, variable or file:line:column, and what is expected
 */
export function resolveConfig<T extends OptionTable>(table: T, sources: ConfigSources): ConfigOf<T> {
  const fileValues = sources.file ? readFile(sources.file, table) : new Map<string, Found>()
  const entries = Object.entries(table).map(([key, spec]) => {
    const found = findValue(key, sources, fileValues)
    return [key, found === undefined ? spec.default : check(key, spec, found)]
  })
  return Object.fromEntries(entries) as ConfigOf<T> // built key by key from the table
}

interface Found {
  readonly value: unknown
  readonly where: string
  readonly at?: Location | undefined
}

function findValue(key: string, sources: ConfigSources, file: ReadonlyMap<string, Found>): Found | undefined {
  const flag = sources.flags[key.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())]
  if (flag !== undefined) return { value: flag, where: flagName(key) }
  const env = sources.env[envName(key)]
  if (env !== undefined && env !== '') return { value: env, where: envName(key) }
  return file.get(key)
}

function check(key: string, spec: OptionSpec<unknown>, found: Found): unknown {
  const parsed = z.safeParse(spec.schema, found.value)
  if (parsed.success) return parsed.data
  const why = parsed.error.issues.map((issue) => issue.message).join('; ')
  throw new AppError('CONFIG_INVALID', `${found.where}: ${why}`, {
    at: found.at,
    hint: `${key} is ${spec.description}, ${exampleOf(spec)}`,
  })
}

function readFile(file: { path: string; text: string }, table: OptionTable): Map<string, Found> {
  const lines = new LineCounter()
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false })
  const place = (offset: number): Location => {
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line, column: col }
  }
  const broken = document.errors[0]
  if (broken) {
    throw new AppError('CONFIG_INVALID', broken.message, {
      at: place(broken.pos[0]),
      hint: yamlHint(broken.code),
    })
  }
  const values = new Map<string, Found>()
  const contents: unknown = document.toJS() ?? {}
  if (typeof contents !== 'object' || contents === null || Array.isArray(contents)) {
    throw new AppError('CONFIG_INVALID', 'the file must be a mapping of keys to values', { at: place(0) })
  }
  for (const [key, value] of Object.entries(contents)) {
    const at = place(document.getIn([key], true) ? offsetOf(document.getIn([key], true)) : 0)
    if (!(key in table)) {
      throw new AppError('CONFIG_INVALID', `unknown key ${key}`, {
        at,
        hint: `known keys: ${Object.keys(table).join(', ')}`,
      })
    }
    values.set(key, { value, where: key, at })
  }
  return values
}

function offsetOf(node: unknown): number {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : 0
}
