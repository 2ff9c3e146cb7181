// Original file: proto/pgsvc/v1/admin.proto


/**
 * How a publish, rollback or removal is to be carried out.
 */
export interface PublishOptions {
  /**
   * Change nothing; say what would happen.
   */
  'check'?: (boolean);
  /**
   * Send unified diffs of what changes on each node.
   */
  'diff'?: (boolean);
  /**
   * Carry on although a service would lose its last or half its servers, or a node its last service.
   */
  'allowShrink'?: (boolean);
  /**
   * Give up waiting for nodes after this long; 0 for the controller's default.
   */
  'timeoutMs'?: (number);
  /**
   * Who asks, for the record; the controller trusts it only over the unix socket.
   */
  'operator'?: (string);
}

/**
 * How a publish, rollback or removal is to be carried out.
 */
export interface PublishOptions__Output {
  /**
   * Change nothing; say what would happen.
   */
  'check': (boolean);
  /**
   * Send unified diffs of what changes on each node.
   */
  'diff': (boolean);
  /**
   * Carry on although a service would lose its last or half its servers, or a node its last service.
   */
  'allowShrink': (boolean);
  /**
   * Give up waiting for nodes after this long; 0 for the controller's default.
   */
  'timeoutMs': (number);
  /**
   * Who asks, for the record; the controller trusts it only over the unix socket.
   */
  'operator': (string);
}
