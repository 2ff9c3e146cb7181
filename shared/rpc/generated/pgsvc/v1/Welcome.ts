// Original file: proto/pgsvc/v1/agent.proto


/**
 * The controller's answer to Hello.
 */
export interface Welcome {
  /**
   * Version of the controller program.
   */
  'controllerVersion'?: (string);
  /**
   * Name under which the controller knows this node (from its certificate).
   */
  'node'?: (string);
  /**
   * A Heartbeat is due this often, from both sides.
   */
  'heartbeatMs'?: (number);
  /**
   * Silence after which a side gives the stream up.
   */
  'silenceMs'?: (number);
}

/**
 * The controller's answer to Hello.
 */
export interface Welcome__Output {
  /**
   * Version of the controller program.
   */
  'controllerVersion': (string);
  /**
   * Name under which the controller knows this node (from its certificate).
   */
  'node': (string);
  /**
   * A Heartbeat is due this often, from both sides.
   */
  'heartbeatMs': (number);
  /**
   * Silence after which a side gives the stream up.
   */
  'silenceMs': (number);
}
