/** Options of commands that read the inventory themselves, without a controller. */
import type { Command } from 'commander'
import type { InventorySource } from '../reader/read-inventory.ts'

export type InventoryFlags = InventorySource

/** Adds `--inventory`, `--defaults` and `--pigsty-home`. */
export function addInventoryOptions(command: Command): Command {
  return command
    .option('-i, --inventory <path>', 'inventory: a file, a directory or a program')
    .option('--defaults <file>', 'role defaults, in place of the built-in ones')
    .option('--pigsty-home <dir>', "a Pigsty directory: its pigsty.yml and its roles' defaults")
}

/** What to read, from the options of a command. */
export function sourceOf({ inventory, defaults, pigstyHome }: InventoryFlags): InventorySource {
  return { inventory, defaults, pigstyHome }
}
