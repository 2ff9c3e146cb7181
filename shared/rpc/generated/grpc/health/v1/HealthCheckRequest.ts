// Original file: proto/grpc/health/v1/health.proto


/**
 * Which service is asked about.
 */
export interface HealthCheckRequest {
  /**
   * Full name, e.g. "pgsvc.v1.AgentService"; empty for the server as a whole.
   */
  'service'?: (string);
}

/**
 * Which service is asked about.
 */
export interface HealthCheckRequest__Output {
  /**
   * Full name, e.g. "pgsvc.v1.AgentService"; empty for the server as a whole.
   */
  'service': (string);
}
