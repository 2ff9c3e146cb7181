// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask what happened.
 */
export interface EventsRequest {
  /**
   * Only of these owners or nodes; empty for all.
   */
  'names'?: (string)[];
  /**
   * At most this many of the past, the newest; 0 for 50.
   */
  'limit'?: (number);
  /**
   * Go on with what happens from now on.
   */
  'follow'?: (boolean);
}

/**
 * Ask what happened.
 */
export interface EventsRequest__Output {
  /**
   * Only of these owners or nodes; empty for all.
   */
  'names': (string)[];
  /**
   * At most this many of the past, the newest; 0 for 50.
   */
  'limit': (number);
  /**
   * Go on with what happens from now on.
   */
  'follow': (boolean);
}
