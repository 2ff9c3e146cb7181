/**
 * Exit statuses of the commands; docs/exit-codes.md explains each.
 *
 * `pgsql-svc` keeps those of the script it replaces and never uses another. The verbs of `pgsvc` have their own.
 */

/** Exit statuses of `pgsql-svc`. */
export const svcExit = {
  /** Everything asked for was done; with --check: could be done. */
  ok: 0,
  /** No cluster given, or an argument that makes no sense. */
  usage: 1,
  /** `pgsql-svc <cls>` failed. */
  clusterFailed: 2,
  /** Something given as an address is not one; nothing was done. */
  badAddress: 3,
  /** `pgsql-svc <cls> <ip...>` failed for at least one of them. */
  nodesFailed: 4,
} as const

/** Exit statuses of `pgsvc <verb>`. */
export const verbExit = {
  ok: 0,
  /** It failed, or (status) something is not as it should be. */
  failed: 1,
  /** Arguments that make no sense. */
  usage: 2,
  /** The controller cannot be reached or did not answer in time. */
  unreachable: 3,
} as const

/** The status of a failed `pgsql-svc`: whose failure it is depends on what was asked for. */
export function svcFailure(addresses: readonly string[]): number {
  return addresses.length > 0 ? svcExit.nodesFailed : svcExit.clusterFailed
}
