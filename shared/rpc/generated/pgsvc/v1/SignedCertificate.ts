// Original file: proto/pgsvc/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A new certificate, or why there is none.
 */
export interface SignedCertificate {
  /**
   * The certificate, PEM; empty when there is none.
   */
  'certPem'?: (string);
  /**
   * The authorities that are to be trusted from now on: PEM, one or several.
   */
  'caPem'?: (string);
  /**
   * Until when the certificate is valid, milliseconds since 1970.
   */
  'notAfterMs'?: (number | string | Long);
  /**
   * Stable code of why there is none; empty when there is one.
   */
  'code'?: (string);
  /**
   * What it is, in one sentence.
   */
  'message'?: (string);
}

/**
 * A new certificate, or why there is none.
 */
export interface SignedCertificate__Output {
  /**
   * The certificate, PEM; empty when there is none.
   */
  'certPem': (string);
  /**
   * The authorities that are to be trusted from now on: PEM, one or several.
   */
  'caPem': (string);
  /**
   * Until when the certificate is valid, milliseconds since 1970.
   */
  'notAfterMs': (number);
  /**
   * Stable code of why there is none; empty when there is one.
   */
  'code': (string);
  /**
   * What it is, in one sentence.
   */
  'message': (string);
}
