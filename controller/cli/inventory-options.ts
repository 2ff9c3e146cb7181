/** Options of commands that read the inventory themselves. */
import type { Command } from 'commander'
import type { InventorySource } from '../reader/read-inventory.ts'

export type InventoryFlags = InventorySource

/** Adds `--inventory`, `--defaults` and `--pigsty-home`. */
export function addInventoryOptions(command: Command): Command {
  return command
    .option(
      '-i, --inventory <path>',
      "inventory: a file, a directory or a program (default: the controller's on this host)",
    )
    .option('--defaults <file>', 'role defaults, in place of the built-in ones')
    .option('--pigsty-home <dir>', "a Pigsty directory: its pigsty.yml and its roles' defaults")
}
