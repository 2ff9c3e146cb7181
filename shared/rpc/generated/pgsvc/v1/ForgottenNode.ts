// Original file: proto/pgsvc/v1/admin.proto

import type { EndedAssignment as _pgsvc_v1_EndedAssignment, EndedAssignment__Output as _pgsvc_v1_EndedAssignment__Output } from '../../pgsvc/v1/EndedAssignment.ts';

/**
 * A node that the controller knows nothing of any more.
 */
export interface ForgottenNode {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * What it was assigned until now.
   */
  'ended'?: (_pgsvc_v1_EndedAssignment)[];
}

/**
 * A node that the controller knows nothing of any more.
 */
export interface ForgottenNode__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * What it was assigned until now.
   */
  'ended': (_pgsvc_v1_EndedAssignment__Output)[];
}
