// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask for a node's certificate.
 */
export interface SignNodeRequest {
  /**
   * The node, as the inventory names it.
   */
  'node'?: (string);
  /**
   * PKCS #10, PEM, as `pgsvc agent request-certificate` prints it. Its subject and extensions are ignored.
   */
  'csrPem'?: (string);
}

/**
 * Ask for a node's certificate.
 */
export interface SignNodeRequest__Output {
  /**
   * The node, as the inventory names it.
   */
  'node': (string);
  /**
   * PKCS #10, PEM, as `pgsvc agent request-certificate` prints it. Its subject and extensions are ignored.
   */
  'csrPem': (string);
}
