// Original file: proto/pgsvc/v1/model.proto


/**
 * A point in the history of a database system. Timelines count only within one system.
 */
export interface Timeline {
  /**
   * PostgreSQL's system identifier, decimal; empty when not known.
   */
  'system'?: (string);
  /**
   * Timeline; 0 when not known.
   */
  'timeline'?: (number);
}

/**
 * A point in the history of a database system. Timelines count only within one system.
 */
export interface Timeline__Output {
  /**
   * PostgreSQL's system identifier, decimal; empty when not known.
   */
  'system': (string);
  /**
   * Timeline; 0 when not known.
   */
  'timeline': (number);
}
