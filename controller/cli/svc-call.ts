/** What `pgsql-svc` was asked for, and what its --ssh does: apart, so that neither has to load the other. */
import type { ActFlags } from './act-options.ts'
import type { ActPrinter } from './act-printer.ts'
import type { ControllerAddress } from './address.ts'
import type { AdminClient } from './admin-client.ts'
import type { InventoryFlags } from './inventory-options.ts'
import type { SshFlags } from './ssh-flags.ts'
import type { Terminal } from './terminal.ts'

/** Arguments that make sense. */
export interface SvcCall {
  readonly cls: string
  readonly addresses: readonly string[]
  readonly flags: SvcFlags
  readonly controller: ControllerAddress
}

export interface SvcFlags extends ActFlags, SshFlags, InventoryFlags {
  readonly ssh?: boolean
}

/**
 * Joins targets without a running agent to the controller for as long as a command lasts.
 *
 * @returns ends what was begun; never rejects
 * @throws AppError when nothing is to be published either: `USAGE` before anything was begun, `CANCELLED`
 */
export type OpenBridges = (
  call: SvcCall,
  open: () => Promise<AdminClient>,
  printer: Pick<ActPrinter, 'say'>,
  terminal: Terminal,
) => Promise<() => Promise<void>>
