/** The inventory of commands that read one themselves: the one they name, else that of the controller on this host. */
import { readFile } from 'node:fs/promises'
import { resolveConfig } from '../../shared/config/options.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { type ControllerConfig, controllerConfigFile, controllerOptions } from '../options.ts'
import { type InventorySource, readInventory } from '../reader/read-inventory.ts'
import type { InventoryFlags } from './inventory-options.ts'
import type { Terminal } from './terminal.ts'

/**
 * What the controller on this host is told, as far as it can be read here.
 *
 * @throws AppError `CONFIG_INVALID`
 */
export async function controllerConfig(env: Terminal['env']): Promise<ControllerConfig> {
  const path = env.PGSVC_CONFIG || controllerConfigFile
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return resolveConfig(controllerOptions, {
    flags: {},
    env,
    file: text === undefined ? undefined : { path, text },
  })
}

/**
 * What to read: the inventory that the options name, else the controller's.
 *
 * @throws AppError `CONFIG_INVALID`
 */
export async function ownSource(flags: InventoryFlags, env: Terminal['env']): Promise<InventorySource> {
  const { inventory, defaults, pigstyHome } = flags
  if (inventory !== undefined || pigstyHome !== undefined) return { inventory, defaults, pigstyHome }
  const config = await controllerConfig(env)
  return {
    inventory: config.inventory || undefined,
    pigstyHome: config.pigsty_home || undefined,
    defaults: defaults ?? (config.defaults || undefined),
  }
}

/** @throws AppError `INVENTORY_*`, `DEFAULTS_MISSING`, `CONFIG_INVALID` */
export async function ownInventory(flags: InventoryFlags, env: Terminal['env']): Promise<LoadedInventory> {
  return await readInventory(await ownSource(flags, env))
}
