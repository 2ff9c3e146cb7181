// Original file: proto/pgsvc/v1/model.proto

/**
 * What an apply did, or what a dry run says it would do.
 */
export const Change = {
  /**
   * Unset.
   */
  CHANGE_UNSPECIFIED: 'CHANGE_UNSPECIFIED',
  /**
   * The running set already means the same; nothing was touched but bookkeeping.
   */
  CHANGE_NONE: 'CHANGE_NONE',
  /**
   * Files differ and HAProxy was (would be) reloaded.
   */
  CHANGE_RELOAD: 'CHANGE_RELOAD',
  /**
   * Files are in place, but no HAProxy is running that could serve them.
   */
  CHANGE_NOT_RUNNING: 'CHANGE_NOT_RUNNING',
  /**
   * Files differ, and the running worker was (would be) told by HAProxy's run-time API; no reload.
   */
  CHANGE_RUNTIME: 'CHANGE_RUNTIME',
} as const;

/**
 * What an apply did, or what a dry run says it would do.
 */
export type Change =
  /**
   * Unset.
   */
  | 'CHANGE_UNSPECIFIED'
  | 0
  /**
   * The running set already means the same; nothing was touched but bookkeeping.
   */
  | 'CHANGE_NONE'
  | 1
  /**
   * Files differ and HAProxy was (would be) reloaded.
   */
  | 'CHANGE_RELOAD'
  | 2
  /**
   * Files are in place, but no HAProxy is running that could serve them.
   */
  | 'CHANGE_NOT_RUNNING'
  | 3
  /**
   * Files differ, and the running worker was (would be) told by HAProxy's run-time API; no reload.
   */
  | 'CHANGE_RUNTIME'
  | 4

/**
 * What an apply did, or what a dry run says it would do.
 */
export type Change__Output = typeof Change[keyof typeof Change]
