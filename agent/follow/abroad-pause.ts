/** How long a node that is no member waits before it asks a leader's Patroni again. Pure. */

/** A node of hundreds of clusters asks once in so long at most, all clusters together. */
const perClusterMs = 100
/** All such nodes of a cluster together ask its leader at most once in so long: an answer takes Patroni 2 ms. */
const perNodeMs = 1_000

export interface AskedAbroad {
  /** That this node follows. */
  readonly clusters: number
  /** That serve the cluster and are no member; 0 when not known. */
  readonly outsideNodes: number
}

/**
 * The leader's Patroni is asked by its own agent and by each such node; however many they are, it has no more to do than
 * for one of them. What one of them finds the others hear from the controller.
 *
 * @param pollMs - how often a Patroni is asked at rest
 */
export function abroadPauseMs(pollMs: number, { clusters, outsideNodes }: AskedAbroad): number {
  return Math.max(pollMs, clusters * perClusterMs, outsideNodes * perNodeMs)
}
