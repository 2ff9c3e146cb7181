// Original file: proto/pgsvc/v1/admin.proto


/**
 * Renew certificates now.
 */
export interface RenewRequest {
  /**
   * Only these nodes; empty for all that are connected.
   */
  'nodes'?: (string)[];
  /**
   * Renew the controller's own certificate, and no node's.
   */
  'controller'?: (boolean);
}

/**
 * Renew certificates now.
 */
export interface RenewRequest__Output {
  /**
   * Only these nodes; empty for all that are connected.
   */
  'nodes': (string)[];
  /**
   * Renew the controller's own certificate, and no node's.
   */
  'controller': (boolean);
}
