// Original file: proto/pgsvc/v1/model.proto

/**
 * Policy on leader changes, per cluster.
 */
export const Follow = {
  /**
   * The agent's own default.
   */
  FOLLOW_UNSPECIFIED: 'FOLLOW_UNSPECIFIED',
  /**
   * Move to the new leader's variant.
   */
  FOLLOW_ON: 'FOLLOW_ON',
  /**
   * Tell, do not move.
   */
  FOLLOW_REPORT: 'FOLLOW_REPORT',
  /**
   * Neither.
   */
  FOLLOW_OFF: 'FOLLOW_OFF',
} as const;

/**
 * Policy on leader changes, per cluster.
 */
export type Follow =
  /**
   * The agent's own default.
   */
  | 'FOLLOW_UNSPECIFIED'
  | 0
  /**
   * Move to the new leader's variant.
   */
  | 'FOLLOW_ON'
  | 1
  /**
   * Tell, do not move.
   */
  | 'FOLLOW_REPORT'
  | 2
  /**
   * Neither.
   */
  | 'FOLLOW_OFF'
  | 3

/**
 * Policy on leader changes, per cluster.
 */
export type Follow__Output = typeof Follow[keyof typeof Follow]
