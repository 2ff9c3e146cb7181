/** For a session in a test to which certificates do not matter. */
import type { IdentityChannel } from '../../agent/identity/renewer.ts'

export const deafIdentity: IdentityChannel = {
  attach: () => undefined,
  detach: () => undefined,
  answered: () => undefined,
  renewNow: () => undefined,
}
