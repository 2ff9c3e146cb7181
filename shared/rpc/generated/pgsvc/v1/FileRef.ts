// Original file: proto/pgsvc/v1/model.proto


/**
 * One HAProxy file, by content. Its bytes travel apart (Blob), at most once per node.
 */
export interface FileRef {
  /**
   * Base name inside HAProxy's service directory, e.g. "pg-test-primary.cfg".
   */
  'name'?: (string);
  /**
   * Lower-case hex SHA-256 of the file's bytes.
   */
  'digest'?: (string);
}

/**
 * One HAProxy file, by content. Its bytes travel apart (Blob), at most once per node.
 */
export interface FileRef__Output {
  /**
   * Base name inside HAProxy's service directory, e.g. "pg-test-primary.cfg".
   */
  'name': (string);
  /**
   * Lower-case hex SHA-256 of the file's bytes.
   */
  'digest': (string);
}
