/** `pgsvc lint`: everything that is wrong with an inventory, or worth knowing of it. */

import { Command } from 'commander'
import { AppError, type Location } from '../../shared/errors/app-error.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Finding } from '../lint/finding.ts'
import { lint } from '../lint/lint.ts'
import { reasonOf } from '../lint/why.ts'
import { type InventorySource, readInventory } from '../reader/read-inventory.ts'
import { clustersMeant } from './clusters-meant.ts'
import { verbExit } from './exit.ts'
import { addGuardOptions, type GuardFlags, guardOf } from './guard-flags.ts'
import { addInventoryOptions, type InventoryFlags } from './inventory-options.ts'
import { failingAsJson } from './json-failure.ts'
import { lintJson, lintSummary, lintText } from './lint-view.ts'
import { ownSource } from './own-inventory.ts'
import { createPaint, wantsColour } from './paint.ts'
import type { Terminal } from './terminal.ts'

interface Flags extends InventoryFlags, GuardFlags {
  readonly json?: boolean
  readonly strict?: boolean
  readonly color?: boolean
}

const help = `
What is published is what HAProxy takes only when HAProxy itself says so: every agent runs haproxy -c, and
pgsql-svc <cls> --check asks them all.

Exit status: 0 no error, 1 an error (those marked strict count with --strict), 2 wrong arguments.

Example:
  pgsvc lint "pg-*" -i pigsty.yml
`

/** The command, to be added to the program. Exit status: 1 when there is an error, else 0. */
export function lintCommand(terminal: Terminal): Command {
  const command = new Command('lint')
    .description('Says what is wrong with an inventory, why it matters and what would be right.')
    .argument('[cls...]', 'clusters, groups or patterns, as of pgsql-svc; everything when none is named')
    .option('--json', 'one JSON array')
    .option('--strict', "also fail for what only Pigsty's own templates get wrong")
    .option('--color', 'colours, whatever the terminal')
    .option('--no-color', 'no colours')
  addGuardOptions(addInventoryOptions(command)).addHelpText('after', help)
  return command.action((names: string[], flags: Flags) =>
    failingAsJson(terminal, flags.json ?? false, async () => {
      const findings = await findingsOf(names, flags, terminal.env)
      const paint = createPaint(wantsColour(flags.color, terminal.isTty, terminal.env))
      terminal.stdout(flags.json ? lintJson(findings) : lintText(findings, paint) + lintSummary(findings))
      terminal.setExitCode(findings.some((finding) => fails(finding, flags)) ? verbExit.failed : verbExit.ok)
    }),
  )
}

function fails({ severity, strict }: Finding, flags: Flags): boolean {
  return severity === 'error' && (!strict || flags.strict === true)
}

/** What cannot be read is a finding like any other, as long as it was named. */
async function findingsOf(
  names: readonly string[],
  flags: Flags,
  env: Terminal['env'],
): Promise<readonly Finding[]> {
  const source = await ownSource(flags, env)
  let loaded: LoadedInventory
  try {
    loaded = await readInventory(source)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message } = error
    const at = error.at ?? wholeFile(code, source)
    if (at === undefined) throw error
    const { why, hint } = reasonOf(code)
    const rest = { hint: error.hint ?? hint, why, strict: false, also: [] }
    return [{ owner: '', severity: 'error', code, message, at, ...rest }]
  }
  return lint(loaded, names.length === 0 ? undefined : clustersMeant(loaded, names), guardOf(flags))
}

/** The beginning of what was to be read; undefined when nothing was named. */
function wholeFile(code: string, { inventory, defaults, pigstyHome }: InventorySource): Location | undefined {
  const file = code === 'DEFAULTS_MISSING' ? (defaults ?? pigstyHome) : (inventory ?? pigstyHome)
  return file === undefined ? undefined : { file, line: 1, column: 1 }
}
