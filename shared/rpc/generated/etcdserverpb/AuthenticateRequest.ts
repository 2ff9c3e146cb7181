// Original file: proto/etcd/v3/etcd.proto


/**
 * Logs in.
 */
export interface AuthenticateRequest {
  /**
   * The user.
   */
  'name'?: (string);
  /**
   * The user's password.
   */
  'password'?: (string);
}

/**
 * Logs in.
 */
export interface AuthenticateRequest__Output {
  /**
   * The user.
   */
  'name': (string);
  /**
   * The user's password.
   */
  'password': (string);
}
