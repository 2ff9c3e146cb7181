/** The only place where an inventory is read from disk. */
import type { LoadedInventory } from './inventory.ts'

export interface InventorySource {
  /** Inventory file or directory. */
  readonly inventory?: string | undefined
  /** File of role defaults, in place of the built-in ones. */
  readonly defaults?: string | undefined
  /** A Pigsty checkout: its pigsty.yml, and its roles' defaults. */
  readonly pigstyHome?: string | undefined
}

/**
 * Reads an inventory, the variables beside it, and role defaults.
 *
 * @throws AppError `INVENTORY_MISSING`, `INVENTORY_INVALID` (with file, line and column) or `DEFAULTS_MISSING`
 */
export async function readInventory(source: InventorySource): Promise<LoadedInventory> {
  throw new Error(`not there yet: ${source.inventory}`)
}
