// Original file: proto/pgsvc/v1/agent.proto


/**
 * Drop a prepared set.
 */
export interface Abort {
  /**
   * The publish.
   */
  'publishId'?: (string);
}

/**
 * Drop a prepared set.
 */
export interface Abort__Output {
  /**
   * The publish.
   */
  'publishId': (string);
}
