// Original file: proto/pgsvc/v1/admin.proto

import type { LeaderView as _pgsvc_v1_LeaderView, LeaderView__Output as _pgsvc_v1_LeaderView__Output } from '../../pgsvc/v1/LeaderView.ts';

/**
 * Who leads a cluster, as one node sees it.
 */
export interface NodeLeader {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * What it sees.
   */
  'view'?: (_pgsvc_v1_LeaderView | null);
}

/**
 * Who leads a cluster, as one node sees it.
 */
export interface NodeLeader__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * What it sees.
   */
  'view': (_pgsvc_v1_LeaderView__Output | null);
}
