// Original file: proto/pgsvc/v1/admin.proto


/**
 * Withdraw an operator's certificates.
 */
export interface RevokeOperatorRequest {
  /**
   * The operator.
   */
  'operator'?: (string);
}

/**
 * Withdraw an operator's certificates.
 */
export interface RevokeOperatorRequest__Output {
  /**
   * The operator.
   */
  'operator': (string);
}
