// Original file: proto/pgsvc/v1/admin.proto

import type { OwnerRevision as _pgsvc_v1_OwnerRevision, OwnerRevision__Output as _pgsvc_v1_OwnerRevision__Output } from '../../pgsvc/v1/OwnerRevision.ts';

/**
 * The commit point was passed.
 */
export interface Committed {
  /**
   * New revisions by owner.
   */
  'revisions'?: (_pgsvc_v1_OwnerRevision)[];
}

/**
 * The commit point was passed.
 */
export interface Committed__Output {
  /**
   * New revisions by owner.
   */
  'revisions': (_pgsvc_v1_OwnerRevision__Output)[];
}
