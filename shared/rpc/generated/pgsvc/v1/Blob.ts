// Original file: proto/pgsvc/v1/model.proto


/**
 * The bytes behind one or more FileRef.
 */
export interface Blob {
  /**
   * Lower-case hex SHA-256 of `content`.
   */
  'digest'?: (string);
  /**
   * The file as HAProxy reads it, UTF-8, ending in a newline.
   */
  'content'?: (Buffer | Uint8Array | string);
}

/**
 * The bytes behind one or more FileRef.
 */
export interface Blob__Output {
  /**
   * Lower-case hex SHA-256 of `content`.
   */
  'digest': (string);
  /**
   * The file as HAProxy reads it, UTF-8, ending in a newline.
   */
  'content': (Buffer);
}
