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
  /**
   * It has not answered for some time. One that stands still keeps its listening sockets, so that a part of all new
   * connections waits for it.
   */
  'silent'?: (boolean);
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
  /**
   * It has not answered for some time. One that stands still keeps its listening sockets, so that a part of all new
   * connections waits for it.
   */
  'silent': (boolean);
}
