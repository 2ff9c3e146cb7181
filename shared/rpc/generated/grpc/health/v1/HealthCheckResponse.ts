// Original file: proto/grpc/health/v1/health.proto


// Original file: proto/grpc/health/v1/health.proto

/**
 * Values fixed by the protocol.
 */
export const _grpc_health_v1_HealthCheckResponse_ServingStatus = {
  /**
   * Not known.
   */
  UNKNOWN: 'UNKNOWN',
  /**
   * Serves.
   */
  SERVING: 'SERVING',
  /**
   * Does not serve.
   */
  NOT_SERVING: 'NOT_SERVING',
  /**
   * Watch only: no such service.
   */
  SERVICE_UNKNOWN: 'SERVICE_UNKNOWN',
} as const;

/**
 * Values fixed by the protocol.
 */
export type _grpc_health_v1_HealthCheckResponse_ServingStatus =
  /**
   * Not known.
   */
  | 'UNKNOWN'
  | 0
  /**
   * Serves.
   */
  | 'SERVING'
  | 1
  /**
   * Does not serve.
   */
  | 'NOT_SERVING'
  | 2
  /**
   * Watch only: no such service.
   */
  | 'SERVICE_UNKNOWN'
  | 3

/**
 * Values fixed by the protocol.
 */
export type _grpc_health_v1_HealthCheckResponse_ServingStatus__Output = typeof _grpc_health_v1_HealthCheckResponse_ServingStatus[keyof typeof _grpc_health_v1_HealthCheckResponse_ServingStatus]

/**
 * Its state.
 */
export interface HealthCheckResponse {
  /**
   * The state.
   */
  'status'?: (_grpc_health_v1_HealthCheckResponse_ServingStatus);
}

/**
 * Its state.
 */
export interface HealthCheckResponse__Output {
  /**
   * The state.
   */
  'status': (_grpc_health_v1_HealthCheckResponse_ServingStatus__Output);
}
