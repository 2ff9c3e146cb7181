// Original file: proto/pgsvc/v1/admin.proto


/**
 * Withdraw a node's certificates.
 */
export interface RevokeNodeRequest {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * Also when no certificate of that name was ever signed or seen here; without it such a name is taken for a slip.
   */
  'unseen'?: (boolean);
}

/**
 * Withdraw a node's certificates.
 */
export interface RevokeNodeRequest__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * Also when no certificate of that name was ever signed or seen here; without it such a name is taken for a slip.
   */
  'unseen': (boolean);
}
