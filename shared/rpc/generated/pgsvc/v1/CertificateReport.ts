// Original file: proto/pgsvc/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How an agent's certificate stands.
 */
export interface CertificateReport {
  /**
   * Until when it is valid, milliseconds since 1970.
   */
  'notAfterMs'?: (number | string | Long);
  /**
   * Serial number, hexadecimal.
   */
  'serial'?: (string);
  /**
   * Why the last attempt to renew it failed, or the next one would: CERTIFICATE_UNREADABLE when the authorities in place
   * cannot be read. Empty when neither.
   */
  'problem'?: (string);
  /**
   * SHA-256 fingerprints of the authorities that the node believes, hexadecimal with colons, as they stand in its file.
   * Agents of before say none.
   */
  'authorities'?: (string)[];
}

/**
 * How an agent's certificate stands.
 */
export interface CertificateReport__Output {
  /**
   * Until when it is valid, milliseconds since 1970.
   */
  'notAfterMs': (number);
  /**
   * Serial number, hexadecimal.
   */
  'serial': (string);
  /**
   * Why the last attempt to renew it failed, or the next one would: CERTIFICATE_UNREADABLE when the authorities in place
   * cannot be read. Empty when neither.
   */
  'problem': (string);
  /**
   * SHA-256 fingerprints of the authorities that the node believes, hexadecimal with colons, as they stand in its file.
   * Agents of before say none.
   */
  'authorities': (string)[];
}
