// Original file: proto/pgsvc/v1/admin.proto

import type { CertificateState as _pgsvc_v1_CertificateState, CertificateState__Output as _pgsvc_v1_CertificateState__Output } from '../../pgsvc/v1/CertificateState.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A certificate.
 */
export interface Certificate {
  /**
   * "node", "operator" or "controller".
   */
  'kind'?: (string);
  /**
   * Whose; empty for the controller.
   */
  'name'?: (string);
  /**
   * An operator's role.
   */
  'role'?: (string);
  /**
   * Serial number, hexadecimal.
   */
  'serial'?: (string);
  /**
   * From when, milliseconds since 1970.
   */
  'notBeforeMs'?: (number | string | Long);
  /**
   * Until when, milliseconds since 1970.
   */
  'notAfterMs'?: (number | string | Long);
  /**
   * How it stands.
   */
  'state'?: (_pgsvc_v1_CertificateState);
  /**
   * Who had it signed; empty when it was not signed through this controller but only shown to it.
   */
  'signedBy'?: (string);
  /**
   * Common name of the authority.
   */
  'issuer'?: (string);
}

/**
 * A certificate.
 */
export interface Certificate__Output {
  /**
   * "node", "operator" or "controller".
   */
  'kind': (string);
  /**
   * Whose; empty for the controller.
   */
  'name': (string);
  /**
   * An operator's role.
   */
  'role': (string);
  /**
   * Serial number, hexadecimal.
   */
  'serial': (string);
  /**
   * From when, milliseconds since 1970.
   */
  'notBeforeMs': (number);
  /**
   * Until when, milliseconds since 1970.
   */
  'notAfterMs': (number);
  /**
   * How it stands.
   */
  'state': (_pgsvc_v1_CertificateState__Output);
  /**
   * Who had it signed; empty when it was not signed through this controller but only shown to it.
   */
  'signedBy': (string);
  /**
   * Common name of the authority.
   */
  'issuer': (string);
}
