// Original file: proto/pgsvc/v1/admin.proto

/**
 * How a node came out of a publish.
 */
export const NodeOutcome = {
  /**
   * Unset.
   */
  NODE_OUTCOME_UNSPECIFIED: 'NODE_OUTCOME_UNSPECIFIED',
  /**
   * New files are in place and a new worker serves them.
   */
  NODE_OUTCOME_RELOADED: 'NODE_OUTCOME_RELOADED',
  /**
   * The node ran this already.
   */
  NODE_OUTCOME_UNCHANGED: 'NODE_OUTCOME_UNCHANGED',
  /**
   * Files are in place, HAProxy is not running.
   */
  NODE_OUTCOME_NOT_RUNNING: 'NODE_OUTCOME_NOT_RUNNING',
  /**
   * Not connected; will converge when it comes back (after a commit).
   */
  NODE_OUTCOME_OFFLINE: 'NODE_OUTCOME_OFFLINE',
  /**
   * Refused in the first phase; nothing changed.
   */
  NODE_OUTCOME_REFUSED: 'NODE_OUTCOME_REFUSED',
  /**
   * Failed after the commit; keeps its last good set.
   */
  NODE_OUTCOME_FAILED: 'NODE_OUTCOME_FAILED',
  /**
   * No answer in time.
   */
  NODE_OUTCOME_TIMEOUT: 'NODE_OUTCOME_TIMEOUT',
  /**
   * Would be fine (check).
   */
  NODE_OUTCOME_WOULD_RELOAD: 'NODE_OUTCOME_WOULD_RELOAD',
  /**
   * Prepared well, then given up because of another node.
   */
  NODE_OUTCOME_ABORTED: 'NODE_OUTCOME_ABORTED',
  /**
   * New files are in place and the running worker was told what changed; no reload was needed.
   */
  NODE_OUTCOME_ADJUSTED: 'NODE_OUTCOME_ADJUSTED',
  /**
   * Would be fine without a reload (check).
   */
  NODE_OUTCOME_WOULD_ADJUST: 'NODE_OUTCOME_WOULD_ADJUST',
  /**
   * Committed; the node could not take an owner of this publish, and took the rest of its set.
   */
  NODE_OUTCOME_QUARANTINED: 'NODE_OUTCOME_QUARANTINED',
} as const;

/**
 * How a node came out of a publish.
 */
export type NodeOutcome =
  /**
   * Unset.
   */
  | 'NODE_OUTCOME_UNSPECIFIED'
  | 0
  /**
   * New files are in place and a new worker serves them.
   */
  | 'NODE_OUTCOME_RELOADED'
  | 1
  /**
   * The node ran this already.
   */
  | 'NODE_OUTCOME_UNCHANGED'
  | 2
  /**
   * Files are in place, HAProxy is not running.
   */
  | 'NODE_OUTCOME_NOT_RUNNING'
  | 3
  /**
   * Not connected; will converge when it comes back (after a commit).
   */
  | 'NODE_OUTCOME_OFFLINE'
  | 4
  /**
   * Refused in the first phase; nothing changed.
   */
  | 'NODE_OUTCOME_REFUSED'
  | 5
  /**
   * Failed after the commit; keeps its last good set.
   */
  | 'NODE_OUTCOME_FAILED'
  | 6
  /**
   * No answer in time.
   */
  | 'NODE_OUTCOME_TIMEOUT'
  | 7
  /**
   * Would be fine (check).
   */
  | 'NODE_OUTCOME_WOULD_RELOAD'
  | 8
  /**
   * Prepared well, then given up because of another node.
   */
  | 'NODE_OUTCOME_ABORTED'
  | 9
  /**
   * New files are in place and the running worker was told what changed; no reload was needed.
   */
  | 'NODE_OUTCOME_ADJUSTED'
  | 10
  /**
   * Would be fine without a reload (check).
   */
  | 'NODE_OUTCOME_WOULD_ADJUST'
  | 11
  /**
   * Committed; the node could not take an owner of this publish, and took the rest of its set.
   */
  | 'NODE_OUTCOME_QUARANTINED'
  | 12

/**
 * How a node came out of a publish.
 */
export type NodeOutcome__Output = typeof NodeOutcome[keyof typeof NodeOutcome]
