// Original file: proto/pgsvc/v1/admin.proto

import type { ForgottenNode as _pgsvc_v1_ForgottenNode, ForgottenNode__Output as _pgsvc_v1_ForgottenNode__Output } from '../../pgsvc/v1/ForgottenNode.ts';

/**
 * What was forgotten, or with `check` would be.
 */
export interface ForgetResponse {
  /**
   * One for each node that was named.
   */
  'nodes'?: (_pgsvc_v1_ForgottenNode)[];
}

/**
 * What was forgotten, or with `check` would be.
 */
export interface ForgetResponse__Output {
  /**
   * One for each node that was named.
   */
  'nodes': (_pgsvc_v1_ForgottenNode__Output)[];
}
