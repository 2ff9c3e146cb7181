// Original file: proto/pgsvc/v1/agent.proto


/**
 * What somebody else wrote into a file of ours, and a publish replaces.
 */
export interface ReplacedEdit {
  /**
   * Base name of the file.
   */
  'name'?: (string);
  /**
   * Path of the copy; empty as long as nothing is replaced.
   */
  'copy'?: (string);
}

/**
 * What somebody else wrote into a file of ours, and a publish replaces.
 */
export interface ReplacedEdit__Output {
  /**
   * Base name of the file.
   */
  'name': (string);
  /**
   * Path of the copy; empty as long as nothing is replaced.
   */
  'copy': (string);
}
