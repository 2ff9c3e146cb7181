/**
 * Which release of Pigsty an inventory is for, as far as files depend on it.
 *
 * The inventory's own `version` says it, unless the role defaults are those of another release: an upgrade replaces
 * them, and leaves the inventory alone. Without a version, pg_services_extra tells 1.x; a release that knows
 * `pg_rto_plan` is taken for the current one and another for 3.x.
 */
import { isGiven } from '../inventory/built-in-defaults.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { RoleDefaults } from '../inventory/inventory.ts'
import { pyText } from '../values/py-text.ts'

export interface Release {
  readonly major: number
  readonly minor: number
}

const third: Release = { major: 3, minor: 5 }
const fourth: Release = { major: 4, minor: 5 }

/** @param view - a host that renders, with role defaults */
export function releaseOf(view: HostView | undefined, defaults: RoleDefaults): Release {
  const version = view === undefined ? undefined : versionOf(view)
  if (version !== undefined) return corrected(version, defaults)
  if (view !== undefined && isFirstRelease(view)) return { major: 1, minor: 5 }
  return defaults.has('pg_rto_plan') ? fourth : third
}

/** 1.x stays what it says it is: its words are understood beside the defaults of any release. */
function corrected(version: Release, defaults: RoleDefaults): Release {
  if (version.major < 2) return version
  if (version.major < 4) return isGiven(defaults, 'pg_rto_plan') ? fourth : version
  const isWhole = isGiven(defaults, 'pg_default_services') && isGiven(defaults, 'pg_rto')
  return isWhole && !defaults.has('pg_rto_plan') ? third : version
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

/**
 * Before 4.0 the limits of a node's own services stood in their `haproxy`, whatever its documentation said; the
 * release notes of 4.0 name the repair.
 */
export function nestsNodeLimits(release: Release): boolean {
  return release.major < 4
}

/**
 * Before 4.5 a cluster's members become a fact, as text that is read back. The tasks are public up to 4.4; 4.5
 * checks identities anew, and was seen to render members with references to nothing.
 */
export function handsMembersOn(release: Release): boolean {
  return !checksIdentity(release)
}
