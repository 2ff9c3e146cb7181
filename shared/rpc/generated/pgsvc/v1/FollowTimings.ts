// Original file: proto/pgsvc/v1/model.proto


/**
 * How long the steps of a follow took, in milliseconds; 0 for a step not taken yet.
 */
export interface FollowTimings {
  /**
   * From the first hint until the new leader was confirmed.
   */
  'confirmMs'?: (number);
  /**
   * From there until HAProxy was told.
   */
  'tellMs'?: (number);
  /**
   * From the first hint until the variant was in place, the time of waiting for stability included.
   */
  'moveMs'?: (number);
}

/**
 * How long the steps of a follow took, in milliseconds; 0 for a step not taken yet.
 */
export interface FollowTimings__Output {
  /**
   * From the first hint until the new leader was confirmed.
   */
  'confirmMs': (number);
  /**
   * From there until HAProxy was told.
   */
  'tellMs': (number);
  /**
   * From the first hint until the variant was in place, the time of waiting for stability included.
   */
  'moveMs': (number);
}
