/**
 * Which release of Pigsty an inventory is for, as far as files depend on it.
 *
 * The inventory's own `version` says it. Without one, a release that knows `pg_rto_plan` is taken for the
 * current one and another for 3.x.
 */
import type { RoleDefaults } from '../inventory/inventory.ts'
import { pyText } from '../inventory/py-text.ts'
import type { Value } from '../inventory/value.ts'

export interface Release {
  readonly major: number
  readonly minor: number
}

export function releaseOf(version: Value | undefined, defaults: RoleDefaults): Release {
  const found = /^v?(\d+)\.(\d+)/.exec(version === undefined ? '' : pyText(version))
  if (found !== null) return { major: Number(found[1]), minor: Number(found[2]) }
  return defaults.has('pg_rto_plan') ? { major: 4, minor: 5 } : { major: 3, minor: 5 }
}

/** From 4.5 a cluster with a bad identity is refused; before, nothing is checked. */
export function checksIdentity(release: Release): boolean {
  return release.major > 4 || (release.major === 4 && release.minor >= 5)
}

/** Up to 3.x a numeric check_port ends up behind default-server, where HAProxy refuses it. */
export function misplacesCheckPort(release: Release): boolean {
  return release.major < 4
}
