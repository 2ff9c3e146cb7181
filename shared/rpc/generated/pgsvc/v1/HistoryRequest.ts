// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask for an owner's revisions.
 */
export interface HistoryRequest {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * At most this many, newest first; 0 for 20.
   */
  'limit'?: (number);
}

/**
 * Ask for an owner's revisions.
 */
export interface HistoryRequest__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * At most this many, newest first; 0 for 20.
   */
  'limit': (number);
}
