/** `pgsvc inventory`: a host's variables and where each comes from. */
import { Command } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { hostReport } from '../explain/host-report.ts'
import { readInventory } from '../reader/read-inventory.ts'
import { addInventoryOptions, type InventoryFlags, sourceOf } from './inventory-options.ts'
import { hostReportJson, hostReportText } from './inventory-view.ts'
import type { CommandIo } from './io.ts'
import { visible } from './paint.ts'

interface Flags extends InventoryFlags {
  readonly json?: boolean
  readonly showSecrets?: boolean
}

/** The command, to be added to the program. */
export function inventoryCommand(io: CommandIo): Command {
  const command = new Command('inventory')
    .description("Shows a host's variables, where each comes from and what it overrides.")
    .argument('<host>', 'host, as the inventory names it')
    .argument('[variable...]', 'only these')
    .option('--json', 'one JSON object')
    .option('--show-secrets', 'passwords and the like as they are, in place of ***')
  return addInventoryOptions(command).action(async (host: string, names: string[], flags: Flags) => {
    const loaded = await readInventory(sourceOf(flags))
    for (const { code, message, at } of loaded.warnings) {
      io.stderr(`warning: ${describeError(new AppError(code, message, { at }))}\n`)
    }
    const report = hostReport(loaded, host, { names, showSecrets: flags.showSecrets ?? false })
    io.stdout(flags.json ? hostReportJson(report) : visible(hostReportText(report)))
  })
}
