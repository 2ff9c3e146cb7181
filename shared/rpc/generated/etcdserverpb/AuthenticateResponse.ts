// Original file: proto/etcd/v3/etcd.proto


/**
 * The answer to a good password.
 */
export interface AuthenticateResponse {
  /**
   * Good for some minutes after its last use.
   */
  'token'?: (string);
}

/**
 * The answer to a good password.
 */
export interface AuthenticateResponse__Output {
  /**
   * Good for some minutes after its last use.
   */
  'token': (string);
}
