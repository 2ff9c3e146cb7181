// Original file: proto/pgsvc/v1/agent.proto


/**
 * One file that is not as it was applied.
 */
export interface Drift {
  /**
   * Base name.
   */
  'name'?: (string);
  /**
   * "changed" or "missing".
   */
  'kind'?: (string);
  /**
   * Owner of the file.
   */
  'owner'?: (string);
}

/**
 * One file that is not as it was applied.
 */
export interface Drift__Output {
  /**
   * Base name.
   */
  'name': (string);
  /**
   * "changed" or "missing".
   */
  'kind': (string);
  /**
   * Owner of the file.
   */
  'owner': (string);
}
