// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * An authority.
 */
export interface Authority {
  /**
   * Common name.
   */
  'name'?: (string);
  /**
   * SHA-256 of the certificate, hexadecimal with colons.
   */
  'fingerprint'?: (string);
  /**
   * Until when, milliseconds since 1970.
   */
  'notAfterMs'?: (number | string | Long);
  /**
   * New certificates come from it.
   */
  'signs'?: (boolean);
}

/**
 * An authority.
 */
export interface Authority__Output {
  /**
   * Common name.
   */
  'name': (string);
  /**
   * SHA-256 of the certificate, hexadecimal with colons.
   */
  'fingerprint': (string);
  /**
   * Until when, milliseconds since 1970.
   */
  'notAfterMs': (number);
  /**
   * New certificates come from it.
   */
  'signs': (boolean);
}
