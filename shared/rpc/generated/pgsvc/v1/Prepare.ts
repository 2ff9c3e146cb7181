// Original file: proto/pgsvc/v1/agent.proto

import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from '../../pgsvc/v1/Snapshot.ts';

/**
 * First phase. The lease makes a controller that died harmless.
 */
export interface Prepare {
  /**
   * The publish this belongs to.
   */
  'publishId'?: (string);
  /**
   * What the node would have after the commit.
   */
  'snapshot'?: (_pgsvc_v1_Snapshot | null);
  /**
   * The prepared set is dropped when no Commit came for this long.
   */
  'leaseMs'?: (number);
  /**
   * Answer what would change, with the live files for a diff, then drop it: no Commit will follow.
   */
  'dryRun'?: (boolean);
}

/**
 * First phase. The lease makes a controller that died harmless.
 */
export interface Prepare__Output {
  /**
   * The publish this belongs to.
   */
  'publishId': (string);
  /**
   * What the node would have after the commit.
   */
  'snapshot': (_pgsvc_v1_Snapshot__Output | null);
  /**
   * The prepared set is dropped when no Commit came for this long.
   */
  'leaseMs': (number);
  /**
   * Answer what would change, with the live files for a diff, then drop it: no Commit will follow.
   */
  'dryRun': (boolean);
}
