// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Ask for the record.
 */
export interface AuditRequest {
  /**
   * At most this many, the newest; 0 for 100.
   */
  'limit'?: (number);
  /**
   * Only what was later than this, milliseconds since 1970.
   */
  'sinceMs'?: (number | string | Long);
}

/**
 * Ask for the record.
 */
export interface AuditRequest__Output {
  /**
   * At most this many, the newest; 0 for 100.
   */
  'limit': (number);
  /**
   * Only what was later than this, milliseconds since 1970.
   */
  'sinceMs': (number);
}
