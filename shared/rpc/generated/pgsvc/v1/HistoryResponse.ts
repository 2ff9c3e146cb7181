// Original file: proto/pgsvc/v1/admin.proto

import type { Revision as _pgsvc_v1_Revision, Revision__Output as _pgsvc_v1_Revision__Output } from '../../pgsvc/v1/Revision.ts';
import type { Act as _pgsvc_v1_Act, Act__Output as _pgsvc_v1_Act__Output } from '../../pgsvc/v1/Act.ts';

/**
 * An owner's revisions and acts.
 */
export interface HistoryResponse {
  /**
   * Newest first.
   */
  'revisions'?: (_pgsvc_v1_Revision)[];
  /**
   * Publishes, rollbacks and removals, newest first.
   */
  'acts'?: (_pgsvc_v1_Act)[];
}

/**
 * An owner's revisions and acts.
 */
export interface HistoryResponse__Output {
  /**
   * Newest first.
   */
  'revisions': (_pgsvc_v1_Revision__Output)[];
  /**
   * Publishes, rollbacks and removals, newest first.
   */
  'acts': (_pgsvc_v1_Act__Output)[];
}
