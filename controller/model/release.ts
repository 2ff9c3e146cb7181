/**
 * Which release of Pigsty an inventory is for, as far as files depend on it.
 *
 * The inventory's own `version` says it. Without one, pg_services_extra tells 1.x; a release that knows
 * `pg_rto_plan` is taken for the current one and another for 3.x.
 */
import type { HostView } from '../inventory/host-view.ts'
import type { RoleDefaults } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'

export interface Release {
  readonly major: number
  readonly minor: number
}

/** @param view - a host that renders, with role defaults */
export function releaseOf(view: HostView | undefined, defaults: RoleDefaults): Release {
  const version = view === undefined ? undefined : versionOf(view)
  if (version !== undefined) return version
  if (view !== undefined && isFirstRelease(view)) return { major: 1, minor: 5 }
  return defaults.has('pg_rto_plan') ? { major: 4, minor: 5 } : { major: 3, minor: 5 }
}

/** What `version` says. */
export function versionOf(view: HostView): Release | undefined {
  const version = view.get('version')
  const found = /^v?(\d+)\.(\d+)/.exec(version === undefined ? '' : pyText(version))
  return found === null ? undefined : { major: Number(found[1]), minor: Number(found[2]) }
}

/** Whether a host's inventory is one of Pigsty 1.x. Only that release has pg_services_extra. */
export function isFirstRelease(view: HostView): boolean {
  const version = versionOf(view)
  if (version !== undefined) return version.major < 2
  return view.get('pg_services_extra') !== undefined
}

/** From 4.5 a cluster with a bad identity is refused; before, nothing is checked. */
export function checksIdentity(release: Release): boolean {
  return release.major > 4 || (release.major === 4 && release.minor >= 5)
}

/**
 * Before 3.5 a numeric check_port ends up behind default-server, where HAProxy refuses it. Between 3.1 and 3.5 the
 * release that mended it is not known exactly; docs/decisions.md says what is.
 */
export function misplacesCheckPort(release: Release): boolean {
  return release.major < 3 || (release.major === 3 && release.minor < 5)
}
