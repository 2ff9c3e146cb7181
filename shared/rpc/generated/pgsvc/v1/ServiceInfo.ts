// Original file: proto/pgsvc/v1/model.proto


/**
 * One service of a cluster, as far as status, shrink protection and following need it.
 */
export interface ServiceInfo {
  /**
   * Full name, "<pg_cluster>-<name>": the `listen` section's name.
   */
  'name'?: (string);
  /**
   * Port that clients use.
   */
  'port'?: (number);
  /**
   * Path of the health check, e.g. "/primary"; empty when the service has none.
   */
  'check'?: (string);
  /**
   * Servers of the section: instance names, in file order.
   */
  'servers'?: (string)[];
  /**
   * Those of `servers` marked backup.
   */
  'backups'?: (string)[];
}

/**
 * One service of a cluster, as far as status, shrink protection and following need it.
 */
export interface ServiceInfo__Output {
  /**
   * Full name, "<pg_cluster>-<name>": the `listen` section's name.
   */
  'name': (string);
  /**
   * Port that clients use.
   */
  'port': (number);
  /**
   * Path of the health check, e.g. "/primary"; empty when the service has none.
   */
  'check': (string);
  /**
   * Servers of the section: instance names, in file order.
   */
  'servers': (string)[];
  /**
   * Those of `servers` marked backup.
   */
  'backups': (string)[];
}
