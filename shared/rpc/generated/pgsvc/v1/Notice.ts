// Original file: proto/pgsvc/v1/admin.proto


/**
 * A message with a place.
 */
export interface Notice {
  /**
   * Stable code, e.g. "PROVIDER_GROUP_EMPTY".
   */
  'code'?: (string);
  /**
   * What, in one sentence, with the place when there is one.
   */
  'message'?: (string);
  /**
   * How to mend it; may be empty.
   */
  'hint'?: (string);
  /**
   * The owner it is about; may be empty.
   */
  'owner'?: (string);
}

/**
 * A message with a place.
 */
export interface Notice__Output {
  /**
   * Stable code, e.g. "PROVIDER_GROUP_EMPTY".
   */
  'code': (string);
  /**
   * What, in one sentence, with the place when there is one.
   */
  'message': (string);
  /**
   * How to mend it; may be empty.
   */
  'hint': (string);
  /**
   * The owner it is about; may be empty.
   */
  'owner': (string);
}
