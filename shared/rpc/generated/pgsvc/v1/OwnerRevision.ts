// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * An owner's revision.
 */
export interface OwnerRevision {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * The revision assigned.
   */
  'revision'?: (number | string | Long);
  /**
   * False when its content equals that of the revision before, which is then kept.
   */
  'created'?: (boolean);
}

/**
 * An owner's revision.
 */
export interface OwnerRevision__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * The revision assigned.
   */
  'revision': (number);
  /**
   * False when its content equals that of the revision before, which is then kept.
   */
  'created': (boolean);
}
