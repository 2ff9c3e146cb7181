// Original file: proto/pgsvc/v1/agent.proto

import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from '../../pgsvc/v1/AppliedOwner.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Who the agent is and what it has.
 */
export interface Hello {
  /**
   * Name the agent believes it has; a mismatch with its certificate is refused.
   */
  'node'?: (string);
  /**
   * Version of the agent program.
   */
  'agentVersion'?: (string);
  /**
   * Version of HAProxy on the node, e.g. "2.6.12"; empty when not installed.
   */
  'haproxyVersion'?: (string);
  /**
   * Random for each start of the program: tells a restart from a reconnect.
   */
  'bootId'?: (string);
  /**
   * What runs, for every owner the agent has files of.
   */
  'applied'?: (_pgsvc_v1_AppliedOwner)[];
  /**
   * Version of the last snapshot that was applied in full; 0 for none.
   */
  'appliedVersion'?: (number | string | Long);
  /**
   * The last apply that failed and has not been followed by a good one, if any.
   */
  'lastFailed'?: (_pgsvc_v1_Fault | null);
  /**
   * Version of the snapshot that `last_failed` is about; 0 for none.
   */
  'failedVersion'?: (number | string | Long);
  /**
   * Digests of all file contents the agent holds.
   */
  'heldDigests'?: (string)[];
  /**
   * How HAProxy's files are laid out: "conf.d" or "flat".
   */
  'layout'?: (string);
}

/**
 * Who the agent is and what it has.
 */
export interface Hello__Output {
  /**
   * Name the agent believes it has; a mismatch with its certificate is refused.
   */
  'node': (string);
  /**
   * Version of the agent program.
   */
  'agentVersion': (string);
  /**
   * Version of HAProxy on the node, e.g. "2.6.12"; empty when not installed.
   */
  'haproxyVersion': (string);
  /**
   * Random for each start of the program: tells a restart from a reconnect.
   */
  'bootId': (string);
  /**
   * What runs, for every owner the agent has files of.
   */
  'applied': (_pgsvc_v1_AppliedOwner__Output)[];
  /**
   * Version of the last snapshot that was applied in full; 0 for none.
   */
  'appliedVersion': (number);
  /**
   * The last apply that failed and has not been followed by a good one, if any.
   */
  'lastFailed': (_pgsvc_v1_Fault__Output | null);
  /**
   * Version of the snapshot that `last_failed` is about; 0 for none.
   */
  'failedVersion': (number);
  /**
   * Digests of all file contents the agent holds.
   */
  'heldDigests': (string)[];
  /**
   * How HAProxy's files are laid out: "conf.d" or "flat".
   */
  'layout': (string);
}
