// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A revision.
 */
export interface Revision {
  /**
   * Its number.
   */
  'number'?: (number | string | Long);
  /**
   * When it was made, milliseconds since 1970.
   */
  'createdMs'?: (number | string | Long);
  /**
   * Who published it.
   */
  'operator'?: (string);
  /**
   * SHA-256 of the inventory it was computed from.
   */
  'inventoryDigest'?: (string);
  /**
   * Nodes assigned to it now.
   */
  'nodes'?: (string)[];
  /**
   * The inventory's leader.
   */
  'leader'?: (string);
}

/**
 * A revision.
 */
export interface Revision__Output {
  /**
   * Its number.
   */
  'number': (number);
  /**
   * When it was made, milliseconds since 1970.
   */
  'createdMs': (number);
  /**
   * Who published it.
   */
  'operator': (string);
  /**
   * SHA-256 of the inventory it was computed from.
   */
  'inventoryDigest': (string);
  /**
   * Nodes assigned to it now.
   */
  'nodes': (string)[];
  /**
   * The inventory's leader.
   */
  'leader': (string);
}
