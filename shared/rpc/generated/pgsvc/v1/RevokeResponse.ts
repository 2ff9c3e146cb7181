// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was withdrawn.
 */
export interface RevokeResponse {
  /**
   * Certificates made before this moment do not count any more, milliseconds since 1970.
   */
  'revokedMs'?: (number | string | Long);
  /**
   * Serial numbers of those that are known here and had not expired.
   */
  'serials'?: (string)[];
  /**
   * Streams and calls that were ended.
   */
  'ended'?: (number);
  /**
   * Of an operator: nodes for whom the operator has ever had a certificate signed, as far as it is remembered, and that have one
   * which counts. They were not withdrawn, also what came of them by renewal. Sorted.
   */
  'signed'?: (string)[];
}

/**
 * What was withdrawn.
 */
export interface RevokeResponse__Output {
  /**
   * Certificates made before this moment do not count any more, milliseconds since 1970.
   */
  'revokedMs': (number);
  /**
   * Serial numbers of those that are known here and had not expired.
   */
  'serials': (string)[];
  /**
   * Streams and calls that were ended.
   */
  'ended': (number);
  /**
   * Of an operator: nodes for whom the operator has ever had a certificate signed, as far as it is remembered, and that have one
   * which counts. They were not withdrawn, also what came of them by renewal. Sorted.
   */
  'signed': (string)[];
}
