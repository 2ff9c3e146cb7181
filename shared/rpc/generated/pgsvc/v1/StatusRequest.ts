// Original file: proto/pgsvc/v1/admin.proto


/**
 * Ask for the state of things.
 */
export interface StatusRequest {
  /**
   * Only these owners or nodes; empty for all.
   */
  'names'?: (string)[];
}

/**
 * Ask for the state of things.
 */
export interface StatusRequest__Output {
  /**
   * Only these owners or nodes; empty for all.
   */
  'names': (string)[];
}
