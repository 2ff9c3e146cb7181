// Original file: proto/pgsvc/v1/admin.proto

import type { NodeOutcome as _pgsvc_v1_NodeOutcome, NodeOutcome__Output as _pgsvc_v1_NodeOutcome__Output } from '../../pgsvc/v1/NodeOutcome.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { Timings as _pgsvc_v1_Timings, Timings__Output as _pgsvc_v1_Timings__Output } from '../../pgsvc/v1/Timings.ts';

/**
 * A node is done.
 */
export interface NodeResult {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * How it came out.
   */
  'outcome'?: (_pgsvc_v1_NodeOutcome);
  /**
   * Why, when it did not come out well.
   */
  'fault'?: (_pgsvc_v1_Fault | null);
  /**
   * How long the steps took.
   */
  'timings'?: (_pgsvc_v1_Timings | null);
  /**
   * Why HAProxy was reloaded.
   */
  'reasons'?: (string)[];
  /**
   * Sessions that stay in old workers after the reload.
   */
  'sessionsLeft'?: (number);
  /**
   * Old workers that have them.
   */
  'oldWorkers'?: (number);
}

/**
 * A node is done.
 */
export interface NodeResult__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * How it came out.
   */
  'outcome': (_pgsvc_v1_NodeOutcome__Output);
  /**
   * Why, when it did not come out well.
   */
  'fault': (_pgsvc_v1_Fault__Output | null);
  /**
   * How long the steps took.
   */
  'timings': (_pgsvc_v1_Timings__Output | null);
  /**
   * Why HAProxy was reloaded.
   */
  'reasons': (string)[];
  /**
   * Sessions that stay in old workers after the reload.
   */
  'sessionsLeft': (number);
  /**
   * Old workers that have them.
   */
  'oldWorkers': (number);
}
