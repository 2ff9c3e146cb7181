// Original file: proto/pgsvc/v1/admin.proto

/**
 * How a certificate stands.
 */
export const CertificateState = {
  /**
   * Unset.
   */
  CERTIFICATE_STATE_UNSPECIFIED: 'CERTIFICATE_STATE_UNSPECIFIED',
  /**
   * It counts.
   */
  CERTIFICATE_STATE_VALID: 'CERTIFICATE_STATE_VALID',
  /**
   * It counts, and less than a sixth of its life is left.
   */
  CERTIFICATE_STATE_EXPIRING: 'CERTIFICATE_STATE_EXPIRING',
  /**
   * Its time is over.
   */
  CERTIFICATE_STATE_EXPIRED: 'CERTIFICATE_STATE_EXPIRED',
  /**
   * It was withdrawn.
   */
  CERTIFICATE_STATE_REVOKED: 'CERTIFICATE_STATE_REVOKED',
  /**
   * A newer one of the same name was signed; it counts until it ends.
   */
  CERTIFICATE_STATE_REPLACED: 'CERTIFICATE_STATE_REPLACED',
} as const;

/**
 * How a certificate stands.
 */
export type CertificateState =
  /**
   * Unset.
   */
  | 'CERTIFICATE_STATE_UNSPECIFIED'
  | 0
  /**
   * It counts.
   */
  | 'CERTIFICATE_STATE_VALID'
  | 1
  /**
   * It counts, and less than a sixth of its life is left.
   */
  | 'CERTIFICATE_STATE_EXPIRING'
  | 2
  /**
   * Its time is over.
   */
  | 'CERTIFICATE_STATE_EXPIRED'
  | 3
  /**
   * It was withdrawn.
   */
  | 'CERTIFICATE_STATE_REVOKED'
  | 4
  /**
   * A newer one of the same name was signed; it counts until it ends.
   */
  | 'CERTIFICATE_STATE_REPLACED'
  | 5

/**
 * How a certificate stands.
 */
export type CertificateState__Output = typeof CertificateState[keyof typeof CertificateState]
