// Original file: proto/pgsvc/v1/model.proto


/**
 * How long the steps of a follow took, in milliseconds; 0 for a step not taken yet.
 */
export interface FollowTimings {
  /**
   * Until the new leader was confirmed: from the first hint or, if that is later, from the last look that did not find it.
   */
  'confirmMs'?: (number);
  /**
   * From there until HAProxy was told.
   */
  'tellMs'?: (number);
  /**
   * Until the variant was in place, counted as for confirm_ms; the time of waiting for stability is included.
   */
  'moveMs'?: (number);
}

/**
 * How long the steps of a follow took, in milliseconds; 0 for a step not taken yet.
 */
export interface FollowTimings__Output {
  /**
   * Until the new leader was confirmed: from the first hint or, if that is later, from the last look that did not find it.
   */
  'confirmMs': (number);
  /**
   * From there until HAProxy was told.
   */
  'tellMs': (number);
  /**
   * Until the variant was in place, counted as for confirm_ms; the time of waiting for stability is included.
   */
  'moveMs': (number);
}
