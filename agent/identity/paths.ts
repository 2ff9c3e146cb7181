/** The files that say who this node is, and whom it believes. */

export interface IdentityPaths {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A key whose certificate is not here yet, beside a pair that is in use. */
export function pendingKeyPath({ key }: IdentityPaths): string {
  return `${key}.new`
}
