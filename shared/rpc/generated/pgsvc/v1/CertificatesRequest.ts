// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask for the certificates.
 */
export interface CertificatesRequest {
  /**
   * Also those that have expired or were replaced.
   */
  'all'?: (boolean);
}

/**
 * Ask for the certificates.
 */
export interface CertificatesRequest__Output {
  /**
   * Also those that have expired or were replaced.
   */
  'all': (boolean);
}
