// Original file: proto/pgsvc/v1/model.proto

import type { Stage as _pgsvc_v1_Stage, Stage__Output as _pgsvc_v1_Stage__Output } from '../../pgsvc/v1/Stage.ts';

/**
 * Why something failed: where, what, and how it was put.
 */
export interface Fault {
  /**
   * Step that failed.
   */
  'stage'?: (_pgsvc_v1_Stage);
  /**
   * Stable code, e.g. "HAPROXY_REFUSED"; docs/faults.md lists them.
   */
  'code'?: (string);
  /**
   * Owner at fault; empty when it is not an owner's (disk full, another program's file).
   */
  'owner'?: (string);
  /**
   * Base name of the file at fault; empty when unknown.
   */
  'file'?: (string);
  /**
   * Line in `file`, from 1; 0 when unknown.
   */
  'line'?: (number);
  /**
   * What happened, in one sentence.
   */
  'message'?: (string);
  /**
   * HAProxy's own words, at most 4 KiB, untouched but for paths mapped to the live ones.
   */
  'haproxy'?: (string);
}

/**
 * Why something failed: where, what, and how it was put.
 */
export interface Fault__Output {
  /**
   * Step that failed.
   */
  'stage': (_pgsvc_v1_Stage__Output);
  /**
   * Stable code, e.g. "HAPROXY_REFUSED"; docs/faults.md lists them.
   */
  'code': (string);
  /**
   * Owner at fault; empty when it is not an owner's (disk full, another program's file).
   */
  'owner': (string);
  /**
   * Base name of the file at fault; empty when unknown.
   */
  'file': (string);
  /**
   * Line in `file`, from 1; 0 when unknown.
   */
  'line': (number);
  /**
   * What happened, in one sentence.
   */
  'message': (string);
  /**
   * HAProxy's own words, at most 4 KiB, untouched but for paths mapped to the live ones.
   */
  'haproxy': (string);
}
