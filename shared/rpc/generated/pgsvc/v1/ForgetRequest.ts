// Original file: proto/pgsvc/v1/admin.proto

import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from '../../pgsvc/v1/PublishOptions.ts';

/**
 * Nodes to forget.
 */
export interface ForgetRequest {
  /**
   * Their inventory names.
   */
  'nodes'?: (string)[];
  /**
   * How; `diff`, `allow_shrink` and `timeout_ms` mean nothing here.
   */
  'options'?: (_pgsvc_v1_PublishOptions | null);
}

/**
 * Nodes to forget.
 */
export interface ForgetRequest__Output {
  /**
   * Their inventory names.
   */
  'nodes': (string)[];
  /**
   * How; `diff`, `allow_shrink` and `timeout_ms` mean nothing here.
   */
  'options': (_pgsvc_v1_PublishOptions__Output | null);
}
