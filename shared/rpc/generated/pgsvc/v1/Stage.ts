// Original file: proto/pgsvc/v1/model.proto

/**
 * Step of an apply; also where it failed.
 */
export const Stage = {
  /**
   * Unset.
   */
  STAGE_UNSPECIFIED: 'STAGE_UNSPECIFIED',
  /**
   * The message itself: a digest that does not match, a blob that is missing.
   */
  STAGE_RECEIVE: 'STAGE_RECEIVE',
  /**
   * The agent's own rules on names, sizes and directives.
   */
  STAGE_GUARD: 'STAGE_GUARD',
  /**
   * Writing the candidate set beside the live one.
   */
  STAGE_STAGE: 'STAGE_STAGE',
  /**
   * `haproxy -c` over the candidate set.
   */
  STAGE_VALIDATE: 'STAGE_VALIDATE',
  /**
   * Exchanging the live set.
   */
  STAGE_SWAP: 'STAGE_SWAP',
  /**
   * Asking HAProxy to reload.
   */
  STAGE_RELOAD: 'STAGE_RELOAD',
  /**
   * Seeing from HAProxy itself that a new worker serves the new set.
   */
  STAGE_CONFIRM: 'STAGE_CONFIRM',
} as const;

/**
 * Step of an apply; also where it failed.
 */
export type Stage =
  /**
   * Unset.
   */
  | 'STAGE_UNSPECIFIED'
  | 0
  /**
   * The message itself: a digest that does not match, a blob that is missing.
   */
  | 'STAGE_RECEIVE'
  | 1
  /**
   * The agent's own rules on names, sizes and directives.
   */
  | 'STAGE_GUARD'
  | 2
  /**
   * Writing the candidate set beside the live one.
   */
  | 'STAGE_STAGE'
  | 3
  /**
   * `haproxy -c` over the candidate set.
   */
  | 'STAGE_VALIDATE'
  | 4
  /**
   * Exchanging the live set.
   */
  | 'STAGE_SWAP'
  | 5
  /**
   * Asking HAProxy to reload.
   */
  | 'STAGE_RELOAD'
  | 6
  /**
   * Seeing from HAProxy itself that a new worker serves the new set.
   */
  | 'STAGE_CONFIRM'
  | 7

/**
 * Step of an apply; also where it failed.
 */
export type Stage__Output = typeof Stage[keyof typeof Stage]
