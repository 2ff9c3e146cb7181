// Original file: proto/pgsvc/v1/model.proto


/**
 * A worker of HAProxy that only finishes the sessions it had before a reload.
 */
export interface OldWorker {
  /**
   * Its process.
   */
  'pid'?: (number);
  /**
   * Seconds since a newer worker took over.
   */
  'oldForS'?: (number);
  /**
   * Sessions that it has with servers.
   */
  'sessions'?: (number);
}

/**
 * A worker of HAProxy that only finishes the sessions it had before a reload.
 */
export interface OldWorker__Output {
  /**
   * Its process.
   */
  'pid': (number);
  /**
   * Seconds since a newer worker took over.
   */
  'oldForS': (number);
  /**
   * Sessions that it has with servers.
   */
  'sessions': (number);
}
