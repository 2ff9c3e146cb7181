/** `pgsvc explain`: why a member is in a service, out of it, a backup, on this port. */
import { Command } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { explanationJson } from '../explain/explain-json.ts'
import { explainService } from '../explain/explain-service.ts'
import { explanationLines, isRefused } from '../explain/explain-text.ts'
import { verbExit } from './exit.ts'
import { addInventoryOptions, type InventoryFlags } from './inventory-options.ts'
import { failingAsJson } from './json-failure.ts'
import { ownInventory } from './own-inventory.ts'
import { visible } from './paint.ts'
import type { IoAndEnv } from './terminal.ts'

interface Flags extends InventoryFlags {
  readonly json?: boolean
  readonly leader?: string
  readonly showSecrets?: boolean
}

const help = `
Exit status: 0 explained, 1 the cluster is refused or something is not known, 2 wrong arguments.

Example:
  pgsvc explain pg-test standby pg-test-2 -i pigsty.yml
`

/** The command, to be added to the program. Exit status: 1 when a publish would refuse the cluster, else 0. */
export function explainCommand(io: IoAndEnv): Command {
  const command = new Command('explain')
    .description('Says why each member is a server of a service, a backup, or out.')
    .argument('<cls>', 'cluster')
    .argument('<service>', "service, with or without the cluster's name in front")
    .argument('[instance]', 'only this member: an instance or a host')
    .option('--leader <instance>', 'as if this instance, or this host, led')
    .option('--json', 'one JSON object')
    .option('--show-secrets', 'passwords and the like as they are, in place of ***')
  return addInventoryOptions(command)
    .addHelpText('after', help)
    .action((cluster: string, service: string, member: string | undefined, flags: Flags) =>
      failingAsJson(io, flags.json ?? false, async () => {
        const loaded = await ownInventory(flags, io.env)
        for (const { code, message, at } of loaded.warnings) {
          io.stderr(`warning: ${describeError(new AppError(code, message, { at }))}\n`)
        }
        const { leader, showSecrets = false } = flags
        const explanation = explainService(loaded, { cluster, service, member, leader, showSecrets })
        const text = flags.json
          ? JSON.stringify(explanationJson(explanation))
          : visible(explanationLines(explanation).join('\n'))
        io.stdout(`${text}\n`)
        io.setExitCode(isRefused(explanation) ? verbExit.failed : verbExit.ok)
      }),
    )
}
