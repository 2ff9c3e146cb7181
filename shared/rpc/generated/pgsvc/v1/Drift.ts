// Original file: proto/pgsvc/v1/model.proto


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
  /**
   * What the agent does about it: "waiting" until nobody has changed anything for a while, "left" by its policy,
   * "fight" when it came to that again and again, "failed" when it could not put it back. Empty: not known.
   */
  'action'?: (string);
  /**
   * From what was applied to what is there, as a unified diff of at most 8 KiB; empty for a missing file.
   */
  'diff'?: (string);
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
  /**
   * What the agent does about it: "waiting" until nobody has changed anything for a while, "left" by its policy,
   * "fight" when it came to that again and again, "failed" when it could not put it back. Empty: not known.
   */
  'action': (string);
  /**
   * From what was applied to what is there, as a unified diff of at most 8 KiB; empty for a missing file.
   */
  'diff': (string);
}
