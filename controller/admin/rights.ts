/** What each method of AdminService needs. The only place that says so; a method without a row is refused to all. */
import type { Role } from '../../shared/pki/identity.ts'

export interface Right {
  readonly role: Role
  /** `act`: something is to be changed. */
  readonly kind: 'act' | 'read'
  /** Enough for a request that changes nothing (`--check`). */
  readonly whenChecking?: Role
}

const act = { role: 'publish', kind: 'act', whenChecking: 'plan' } as const
const read = { role: 'read', kind: 'read' } as const
const administer = { role: 'administer', kind: 'act' } as const

export const rights = {
  Publish: act,
  PublishNode: act,
  Rollback: act,
  Remove: act,
  Forget: act,
  Status: read,
  History: read,
  Leaders: read,
  Events: read,
  Relay: { role: 'publish', kind: 'act' },
  Certificates: read,
  SignNode: administer,
  RevokeNode: administer,
  RevokeOperator: administer,
  Renew: administer,
  Audit: { role: 'administer', kind: 'read' },
} as const satisfies Record<string, Right>

export type AdminMethod = keyof typeof rights

/** @param isCheck - the request says that nothing is to be changed */
export function rightFor(method: AdminMethod, isCheck: boolean): Right {
  const right: Right = rights[method]
  return isCheck && right.whenChecking ? { role: right.whenChecking, kind: 'read' } : right
}
