/** `pgsvc inventory`: a host's variables and where each comes from. */
import { Command } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { hostReport } from '../explain/host-report.ts'
import { verbExit } from './exit.ts'
import { addInventoryOptions, type InventoryFlags } from './inventory-options.ts'
import { hostReportJson, hostReportText } from './inventory-view.ts'
import { failingAsJson } from './json-failure.ts'
import { ownInventory } from './own-inventory.ts'
import { visible } from './paint.ts'
import type { IoAndEnv } from './terminal.ts'

interface Flags extends InventoryFlags {
  readonly json?: boolean
  readonly showSecrets?: boolean
}

const help = `
Exit status: 0 shown, 1 none of the named variables is set, or the host is not known, 2 wrong arguments.

Example:
  pgsvc inventory pg-test-2 pg_role pg_weight -i pigsty.yml
`

/** The command, to be added to the program. Exit status: 1 when variables are named and none of them is set. */
export function inventoryCommand(io: IoAndEnv): Command {
  const command = new Command('inventory')
    .description("Shows a host's variables, where each comes from and what it overrides.")
    .argument('<host>', 'host, as the inventory names it, or an instance such as pg-test-1')
    .argument('[variable...]', 'only these')
    .option('--json', 'one JSON object')
    .option('--show-secrets', 'passwords and the like as they are, in place of ***')
  addInventoryOptions(command).addHelpText('after', help)
  return command.action((host: string, names: string[], flags: Flags) =>
    failingAsJson(io, flags.json ?? false, async () => {
      const loaded = await ownInventory(flags, io.env)
      for (const { code, message, at } of loaded.warnings) {
        io.stderr(`warning: ${describeError(new AppError(code, message, { at }))}\n`)
      }
      const report = hostReport(loaded, host, { names, showSecrets: flags.showSecrets ?? false })
      io.stdout(flags.json ? hostReportJson(report) : visible(hostReportText(report)))
      const isNothing = names.length > 0 && report.variables.length === 0
      io.setExitCode(isNothing ? verbExit.failed : verbExit.ok)
    }),
  )
}
