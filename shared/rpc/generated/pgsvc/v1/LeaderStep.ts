// Original file: proto/pgsvc/v1/model.proto

/**
 * Step in following a leader.
 */
export const LeaderStep = {
  /**
   * Unset.
   */
  LEADER_STEP_UNSPECIFIED: 'LEADER_STEP_UNSPECIFIED',
  /**
   * Something is changing, and the agent has begun to ask the members' own checks.
   */
  LEADER_STEP_SUSPECTED: 'LEADER_STEP_SUSPECTED',
  /**
   * The services' own check succeeds on exactly one member, and it is another one than before.
   */
  LEADER_STEP_CONFIRMED: 'LEADER_STEP_CONFIRMED',
  /**
   * HAProxy was told: new connections go to the new leader.
   */
  LEADER_STEP_TOLD: 'LEADER_STEP_TOLD',
  /**
   * The new leader's variant of the assigned revision is in place.
   */
  LEADER_STEP_MOVED: 'LEADER_STEP_MOVED',
  /**
   * The leader is who it was; what was suspected has passed.
   */
  LEADER_STEP_UNCHANGED: 'LEADER_STEP_UNCHANGED',
  /**
   * Nothing is done about it: `code` says why (two leaders, an unknown one, policy, too many changes).
   */
  LEADER_STEP_HELD: 'LEADER_STEP_HELD',
  /**
   * A step failed: `code` says why. It is tried again.
   */
  LEADER_STEP_FAILED: 'LEADER_STEP_FAILED',
} as const;

/**
 * Step in following a leader.
 */
export type LeaderStep =
  /**
   * Unset.
   */
  | 'LEADER_STEP_UNSPECIFIED'
  | 0
  /**
   * Something is changing, and the agent has begun to ask the members' own checks.
   */
  | 'LEADER_STEP_SUSPECTED'
  | 1
  /**
   * The services' own check succeeds on exactly one member, and it is another one than before.
   */
  | 'LEADER_STEP_CONFIRMED'
  | 2
  /**
   * HAProxy was told: new connections go to the new leader.
   */
  | 'LEADER_STEP_TOLD'
  | 3
  /**
   * The new leader's variant of the assigned revision is in place.
   */
  | 'LEADER_STEP_MOVED'
  | 4
  /**
   * The leader is who it was; what was suspected has passed.
   */
  | 'LEADER_STEP_UNCHANGED'
  | 5
  /**
   * Nothing is done about it: `code` says why (two leaders, an unknown one, policy, too many changes).
   */
  | 'LEADER_STEP_HELD'
  | 6
  /**
   * A step failed: `code` says why. It is tried again.
   */
  | 'LEADER_STEP_FAILED'
  | 7

/**
 * Step in following a leader.
 */
export type LeaderStep__Output = typeof LeaderStep[keyof typeof LeaderStep]
