// Original file: proto/pgsvc/v1/model.proto

import type { Change as _pgsvc_v1_Change, Change__Output as _pgsvc_v1_Change__Output } from '../../pgsvc/v1/Change.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What an agent did about files that others removed or rewrote.
 */
export interface Repair {
  /**
   * When, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * Base names that had vanished and were put back.
   */
  'restored'?: (string)[];
  /**
   * Base names that others had changed and that were put back, by policy.
   */
  'repaired'?: (string)[];
  /**
   * Base names of files of others that vanished with ours; each with where a copy is, if there is one.
   */
  'othersVanished'?: (string)[];
  /**
   * What HAProxy had to do for it.
   */
  'change'?: (_pgsvc_v1_Change);
  /**
   * Why it failed, if it did.
   */
  'fault'?: (_pgsvc_v1_Fault | null);
}

/**
 * What an agent did about files that others removed or rewrote.
 */
export interface Repair__Output {
  /**
   * When, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * Base names that had vanished and were put back.
   */
  'restored': (string)[];
  /**
   * Base names that others had changed and that were put back, by policy.
   */
  'repaired': (string)[];
  /**
   * Base names of files of others that vanished with ours; each with where a copy is, if there is one.
   */
  'othersVanished': (string)[];
  /**
   * What HAProxy had to do for it.
   */
  'change': (_pgsvc_v1_Change__Output);
  /**
   * Why it failed, if it did.
   */
  'fault': (_pgsvc_v1_Fault__Output | null);
}
