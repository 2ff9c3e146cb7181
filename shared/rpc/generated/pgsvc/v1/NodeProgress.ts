// Original file: proto/pgsvc/v1/admin.proto

import type { Stage as _pgsvc_v1_Stage, Stage__Output as _pgsvc_v1_Stage__Output } from '../../pgsvc/v1/Stage.ts';

/**
 * A step on a node.
 */
export interface NodeProgress {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * Step just finished.
   */
  'stage'?: (_pgsvc_v1_Stage);
  /**
   * How long it took.
   */
  'elapsedMs'?: (number);
}

/**
 * A step on a node.
 */
export interface NodeProgress__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * Step just finished.
   */
  'stage': (_pgsvc_v1_Stage__Output);
  /**
   * How long it took.
   */
  'elapsedMs': (number);
}
