// Original file: proto/pgsvc/v1/model.proto


/**
 * How long the steps took, in milliseconds; 0 for a step not taken.
 */
export interface Timings {
  /**
   * Writing the candidate set.
   */
  'stageMs'?: (number);
  /**
   * All runs of `haproxy -c`.
   */
  'validateMs'?: (number);
  /**
   * Exchanging the live set.
   */
  'swapMs'?: (number);
  /**
   * From the reload request until the new worker answered.
   */
  'reloadMs'?: (number);
}

/**
 * How long the steps took, in milliseconds; 0 for a step not taken.
 */
export interface Timings__Output {
  /**
   * Writing the candidate set.
   */
  'stageMs': (number);
  /**
   * All runs of `haproxy -c`.
   */
  'validateMs': (number);
  /**
   * Exchanging the live set.
   */
  'swapMs': (number);
  /**
   * From the reload request until the new worker answered.
   */
  'reloadMs': (number);
}
