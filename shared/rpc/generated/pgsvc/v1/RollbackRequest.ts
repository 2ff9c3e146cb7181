// Original file: proto/pgsvc/v1/admin.proto

import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from '../../pgsvc/v1/PublishOptions.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A rollback.
 */
export interface RollbackRequest {
  /**
   * The owner: a cluster's name, or "node:<host>".
   */
  'owner'?: (string);
  /**
   * Revision to go back to; 0 for the one before the newest assigned one.
   */
  'revision'?: (number | string | Long);
  /**
   * How.
   */
  'options'?: (_pgsvc_v1_PublishOptions | null);
}

/**
 * A rollback.
 */
export interface RollbackRequest__Output {
  /**
   * The owner: a cluster's name, or "node:<host>".
   */
  'owner': (string);
  /**
   * Revision to go back to; 0 for the one before the newest assigned one.
   */
  'revision': (number);
  /**
   * How.
   */
  'options': (_pgsvc_v1_PublishOptions__Output | null);
}
