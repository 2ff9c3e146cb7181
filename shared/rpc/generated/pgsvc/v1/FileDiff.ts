// Original file: proto/pgsvc/v1/admin.proto


/**
 * What changes in one file of one node.
 */
export interface FileDiff {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * Base name.
   */
  'file'?: (string);
  /**
   * Unified diff, three lines of context, from what is on the node's disk to what would be.
   */
  'unified'?: (string);
}

/**
 * What changes in one file of one node.
 */
export interface FileDiff__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * Base name.
   */
  'file': (string);
  /**
   * Unified diff, three lines of context, from what is on the node's disk to what would be.
   */
  'unified': (string);
}
