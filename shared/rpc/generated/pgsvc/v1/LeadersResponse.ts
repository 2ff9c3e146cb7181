// Original file: proto/pgsvc/v1/admin.proto

import type { ClusterLeader as _pgsvc_v1_ClusterLeader, ClusterLeader__Output as _pgsvc_v1_ClusterLeader__Output } from '../../pgsvc/v1/ClusterLeader.ts';

/**
 * Who leads.
 */
export interface LeadersResponse {
  /**
   * Every cluster that has a revision, sorted.
   */
  'clusters'?: (_pgsvc_v1_ClusterLeader)[];
}

/**
 * Who leads.
 */
export interface LeadersResponse__Output {
  /**
   * Every cluster that has a revision, sorted.
   */
  'clusters': (_pgsvc_v1_ClusterLeader__Output)[];
}
