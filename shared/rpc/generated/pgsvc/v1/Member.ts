// Original file: proto/pgsvc/v1/model.proto


/**
 * One instance of a cluster, as far as following a leader needs it.
 */
export interface Member {
  /**
   * Instance name, "<pg_cluster>-<pg_seq>".
   */
  'instance'?: (string);
  /**
   * Address as the inventory names the host; leaders are mapped by it.
   */
  'address'?: (string);
  /**
   * Patroni's REST port.
   */
  'patroniPort'?: (number);
  /**
   * True when Patroni's REST API speaks TLS (patroni_ssl_enabled).
   */
  'patroniTls'?: (boolean);
}

/**
 * One instance of a cluster, as far as following a leader needs it.
 */
export interface Member__Output {
  /**
   * Instance name, "<pg_cluster>-<pg_seq>".
   */
  'instance': (string);
  /**
   * Address as the inventory names the host; leaders are mapped by it.
   */
  'address': (string);
  /**
   * Patroni's REST port.
   */
  'patroniPort': (number);
  /**
   * True when Patroni's REST API speaks TLS (patroni_ssl_enabled).
   */
  'patroniTls': (boolean);
}
