// Original file: proto/pgsvc/v1/admin.proto


/**
 * Withdraw an operator's certificates.
 */
export interface RevokeOperatorRequest {
  /**
   * The operator.
   */
  'operator'?: (string);
  /**
   * Also when no certificate of that name was ever signed or seen here; without it such a name is taken for a slip.
   */
  'unseen'?: (boolean);
}

/**
 * Withdraw an operator's certificates.
 */
export interface RevokeOperatorRequest__Output {
  /**
   * The operator.
   */
  'operator': (string);
  /**
   * Also when no certificate of that name was ever signed or seen here; without it such a name is taken for a slip.
   */
  'unseen': (boolean);
}
