// Original file: proto/pgsvc/v1/admin.proto


/**
 * Withdraw a node's certificates.
 */
export interface RevokeNodeRequest {
  /**
   * The node.
   */
  'node'?: (string);
}

/**
 * Withdraw a node's certificates.
 */
export interface RevokeNodeRequest__Output {
  /**
   * The node.
   */
  'node': (string);
}
