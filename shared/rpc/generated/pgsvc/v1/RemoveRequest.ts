// Original file: proto/pgsvc/v1/admin.proto

import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from '../../pgsvc/v1/PublishOptions.ts';

/**
 * A removal.
 */
export interface RemoveRequest {
  /**
   * The owner: a cluster's name, or "node:<host>".
   */
  'owner'?: (string);
  /**
   * Only these nodes. Empty: all that the owner is assigned to.
   */
  'nodes'?: (string)[];
  /**
   * How.
   */
  'options'?: (_pgsvc_v1_PublishOptions | null);
}

/**
 * A removal.
 */
export interface RemoveRequest__Output {
  /**
   * The owner: a cluster's name, or "node:<host>".
   */
  'owner': (string);
  /**
   * Only these nodes. Empty: all that the owner is assigned to.
   */
  'nodes': (string)[];
  /**
   * How.
   */
  'options': (_pgsvc_v1_PublishOptions__Output | null);
}
