// Original file: proto/pgsvc/v1/admin.proto

import type { OwnerTarget as _pgsvc_v1_OwnerTarget, OwnerTarget__Output as _pgsvc_v1_OwnerTarget__Output } from '../../pgsvc/v1/OwnerTarget.ts';

/**
 * What is going to be published where.
 */
export interface Targets {
  /**
   * Identifies the publish in logs and history.
   */
  'publishId'?: (string);
  /**
   * One entry per owner.
   */
  'owners'?: (_pgsvc_v1_OwnerTarget)[];
}

/**
 * What is going to be published where.
 */
export interface Targets__Output {
  /**
   * Identifies the publish in logs and history.
   */
  'publishId': (string);
  /**
   * One entry per owner.
   */
  'owners': (_pgsvc_v1_OwnerTarget__Output)[];
}
