// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A node's certificate.
 */
export interface SignNodeResponse {
  /**
   * The certificate, PEM.
   */
  'certPem'?: (string);
  /**
   * The authorities that the node has to trust: PEM, one or several.
   */
  'caPem'?: (string);
  /**
   * Until when the certificate is valid, milliseconds since 1970.
   */
  'notAfterMs'?: (number | string | Long);
  /**
   * Its serial number, hexadecimal.
   */
  'serial'?: (string);
}

/**
 * A node's certificate.
 */
export interface SignNodeResponse__Output {
  /**
   * The certificate, PEM.
   */
  'certPem': (string);
  /**
   * The authorities that the node has to trust: PEM, one or several.
   */
  'caPem': (string);
  /**
   * Until when the certificate is valid, milliseconds since 1970.
   */
  'notAfterMs': (number);
  /**
   * Its serial number, hexadecimal.
   */
  'serial': (string);
}
