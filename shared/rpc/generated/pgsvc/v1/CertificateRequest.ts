// Original file: proto/pgsvc/v1/agent.proto


/**
 * Sign this key for the node whose stream it is.
 */
export interface CertificateRequest {
  /**
   * PKCS #10, PEM; nothing but the key is taken from it.
   */
  'csrPem'?: (string);
}

/**
 * Sign this key for the node whose stream it is.
 */
export interface CertificateRequest__Output {
  /**
   * PKCS #10, PEM; nothing but the key is taken from it.
   */
  'csrPem': (string);
}
