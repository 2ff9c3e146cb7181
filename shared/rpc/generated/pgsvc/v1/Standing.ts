// Original file: proto/pgsvc/v1/agent.proto

import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from '../../pgsvc/v1/AppliedOwner.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from '../../pgsvc/v1/QuarantinedOwner.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What a node has, as its agent remembers it.
 */
export interface Standing {
  /**
   * Version of the last snapshot that was applied.
   */
  'appliedVersion'?: (number | string | Long);
  /**
   * Version of a snapshot that failed, with no good one since; 0 for none.
   */
  'failedVersion'?: (number | string | Long);
  /**
   * What runs, for every owner the agent has files of.
   */
  'applied'?: (_pgsvc_v1_AppliedOwner)[];
  /**
   * Owners that were left out of `applied_version`.
   */
  'quarantined'?: (_pgsvc_v1_QuarantinedOwner)[];
}

/**
 * What a node has, as its agent remembers it.
 */
export interface Standing__Output {
  /**
   * Version of the last snapshot that was applied.
   */
  'appliedVersion': (number);
  /**
   * Version of a snapshot that failed, with no good one since; 0 for none.
   */
  'failedVersion': (number);
  /**
   * What runs, for every owner the agent has files of.
   */
  'applied': (_pgsvc_v1_AppliedOwner__Output)[];
  /**
   * Owners that were left out of `applied_version`.
   */
  'quarantined': (_pgsvc_v1_QuarantinedOwner__Output)[];
}
