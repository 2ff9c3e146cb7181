// Original file: proto/pgsvc/v1/model.proto


/**
 * A file as the node has it on disk now, for diffs.
 */
export interface LiveFile {
  /**
   * Base name.
   */
  'name'?: (string);
  /**
   * Whether the file exists.
   */
  'exists'?: (boolean);
  /**
   * Its bytes when it exists and is at most 256 KiB.
   */
  'content'?: (Buffer | Uint8Array | string);
}

/**
 * A file as the node has it on disk now, for diffs.
 */
export interface LiveFile__Output {
  /**
   * Base name.
   */
  'name': (string);
  /**
   * Whether the file exists.
   */
  'exists': (boolean);
  /**
   * Its bytes when it exists and is at most 256 KiB.
   */
  'content': (Buffer);
}
