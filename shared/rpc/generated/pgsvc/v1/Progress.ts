// Original file: proto/pgsvc/v1/agent.proto

import type { Stage as _pgsvc_v1_Stage, Stage__Output as _pgsvc_v1_Stage__Output } from '../../pgsvc/v1/Stage.ts';

/**
 * A step of the apply in hand.
 */
export interface Progress {
  /**
   * Nonce of the message being worked on.
   */
  'nonce'?: (string);
  /**
   * Step just finished.
   */
  'stage'?: (_pgsvc_v1_Stage);
  /**
   * How long that step took.
   */
  'elapsedMs'?: (number);
}

/**
 * A step of the apply in hand.
 */
export interface Progress__Output {
  /**
   * Nonce of the message being worked on.
   */
  'nonce': (string);
  /**
   * Step just finished.
   */
  'stage': (_pgsvc_v1_Stage__Output);
  /**
   * How long that step took.
   */
  'elapsedMs': (number);
}
