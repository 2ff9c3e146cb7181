// Original file: proto/pgsvc/v1/admin.proto


/**
 * One owner of a publish.
 */
export interface OwnerTarget {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * Nodes that get it, in inventory order.
   */
  'nodes'?: (string)[];
  /**
   * Group whose nodes carry the services; empty when the members do.
   */
  'provider'?: (string);
}

/**
 * One owner of a publish.
 */
export interface OwnerTarget__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * Nodes that get it, in inventory order.
   */
  'nodes': (string)[];
  /**
   * Group whose nodes carry the services; empty when the members do.
   */
  'provider': (string);
}
