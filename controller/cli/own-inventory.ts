/** The inventory of commands on the admin node: the one they name, else the controller's own. */
import { readFile } from 'node:fs/promises'
import { resolveConfig } from '../../shared/config/options.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { type ControllerConfig, controllerConfigFile, controllerOptions } from '../options.ts'
import { readInventory } from '../reader/read-inventory.ts'
import { type InventoryFlags, sourceOf } from './inventory-options.ts'
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

/** @throws AppError `INVENTORY_*`, `DEFAULTS_MISSING`, `CONFIG_INVALID` */
export async function ownInventory(flags: InventoryFlags, env: Terminal['env']): Promise<LoadedInventory> {
  if (flags.inventory !== undefined || flags.pigstyHome !== undefined)
    return await readInventory(sourceOf(flags))
  const config = await controllerConfig(env)
  return await readInventory({
    inventory: config.inventory || undefined,
    pigstyHome: config.pigsty_home || undefined,
    defaults: flags.defaults ?? (config.defaults || undefined),
  })
}
