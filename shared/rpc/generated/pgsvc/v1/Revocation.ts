// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Certificates of a name, made before a moment, do not count.
 */
export interface Revocation {
  /**
   * "node" or "operator".
   */
  'kind'?: (string);
  /**
   * Whose.
   */
  'name'?: (string);
  /**
   * Before when, milliseconds since 1970.
   */
  'beforeMs'?: (number | string | Long);
  /**
   * Who said so.
   */
  'by'?: (string);
}

/**
 * Certificates of a name, made before a moment, do not count.
 */
export interface Revocation__Output {
  /**
   * "node" or "operator".
   */
  'kind': (string);
  /**
   * Whose.
   */
  'name': (string);
  /**
   * Before when, milliseconds since 1970.
   */
  'beforeMs': (number);
  /**
   * Who said so.
   */
  'by': (string);
}
