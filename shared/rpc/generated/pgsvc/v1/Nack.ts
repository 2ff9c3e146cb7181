// Original file: proto/pgsvc/v1/agent.proto

import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from '../../pgsvc/v1/AppliedOwner.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Failure. The last good set runs on.
 */
export interface Nack {
  /**
   * Nonce of the message answered.
   */
  'nonce'?: (string);
  /**
   * Version of the snapshot.
   */
  'version'?: (number | string | Long);
  /**
   * True when the answer is to a Prepare.
   */
  'prepared'?: (boolean);
  /**
   * Why.
   */
  'fault'?: (_pgsvc_v1_Fault | null);
  /**
   * What runs now.
   */
  'applied'?: (_pgsvc_v1_AppliedOwner)[];
  /**
   * When several owners are refused, why each of them is; `fault` is the first.
   */
  'faults'?: (_pgsvc_v1_Fault)[];
}

/**
 * Failure. The last good set runs on.
 */
export interface Nack__Output {
  /**
   * Nonce of the message answered.
   */
  'nonce': (string);
  /**
   * Version of the snapshot.
   */
  'version': (number);
  /**
   * True when the answer is to a Prepare.
   */
  'prepared': (boolean);
  /**
   * Why.
   */
  'fault': (_pgsvc_v1_Fault__Output | null);
  /**
   * What runs now.
   */
  'applied': (_pgsvc_v1_AppliedOwner__Output)[];
  /**
   * When several owners are refused, why each of them is; `fault` is the first.
   */
  'faults': (_pgsvc_v1_Fault__Output)[];
}
