// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * An assignment that has ended.
 */
export interface EndedAssignment {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * The revision that was assigned.
   */
  'revision'?: (number | string | Long);
}

/**
 * An assignment that has ended.
 */
export interface EndedAssignment__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * The revision that was assigned.
   */
  'revision': (number);
}
