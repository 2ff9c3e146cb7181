/** `pgsvc audit`: who did what, from where, when, and how it came out. */
import { Command, InvalidArgumentError } from 'commander'
import type { AuditRecord__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditRecord.ts'
import { addControllerOptions, type ControllerFlags } from './act-options.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { visible } from './paint.ts'
import { plain } from './publish-json.ts'
import { isoTime, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface AuditFlags extends ControllerFlags {
  readonly json?: boolean
  readonly limit?: number
  /** Milliseconds since 1970. */
  readonly since?: number
}

const answerMs = 30_000
/** More than the controller keeps. */
const maxLimit = 50_000

/** The command, to be added to the program. */
export function auditCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  const command = new Command('audit')
    .description('Shows who asked what of the controller, from where, and how it came out, oldest first.')
    .option('--since <time>', 'a time (2026-11-27, 2026-11-27T08:00:00Z) or an age (90m, 12h, 7d)', (text) =>
      toSince(text, Date.now()),
    )
    .option('--limit <n>', `at most this many, the newest (default: 100, at most ${maxLimit})`, toLimit)
    .option('--json', 'one JSON object per line')
  return addControllerOptions(command).action(async () => {
    const flags = command.opts<AuditFlags>()
    const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
    try {
      const limit = flags.limit ?? (flags.since === undefined ? 0 : maxLimit)
      const { records } = await client.ask('Audit', { limit, sinceMs: flags.since ?? 0 }, answerMs)
      if (flags.json) for (const record of records) terminal.stdout(`${JSON.stringify(plain(record))}\n`)
      else terminal.stdout(visible(auditText(records)))
    } finally {
      client.close()
    }
  })
}

function auditText(records: readonly AuditRecord__Output[]): string {
  if (records.length === 0) return 'nothing is on record\n'
  return table(
    ['TIME', 'WHO', 'FROM', 'WHAT', 'OUTCOME'],
    records.map(({ atMs, who, claimed, origin, what, detail, outcome, times }) => [
      isoTime(atMs),
      claimed === '' ? who : `${who}, says ${claimed}`,
      origin,
      `${what} ${detail}`.trim(),
      times > 1 ? `${outcome} (${times} times)` : outcome,
    ]),
  )
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @returns milliseconds since 1970 */
export function toSince(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  if (unit === 'm' || unit === 'h' || unit === 'd') return nowMs - Number(count) * unitsMs[unit]
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('give a time like 2026-11-27T08:00:00Z or an age like 12h')
  return ms
}

function toLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxLimit) throw new InvalidArgumentError(`give a number from 1 to ${maxLimit}`)
  return limit
}
