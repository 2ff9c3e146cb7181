// Original file: proto/pgsvc/v1/admin.proto

import type { Notice as _pgsvc_v1_Notice, Notice__Output as _pgsvc_v1_Notice__Output } from '../../pgsvc/v1/Notice.ts';

/**
 * Last event of a publish.
 */
export interface PublishResult {
  /**
   * Everything asked for was done (or, with check, could be done) on every target.
   */
  'ok'?: (boolean);
  /**
   * The commit point was passed.
   */
  'committed'?: (boolean);
  /**
   * Nothing had to change on any target.
   */
  'nothingToDo'?: (boolean);
  /**
   * What went wrong, for all that did.
   */
  'errors'?: (_pgsvc_v1_Notice)[];
}

/**
 * Last event of a publish.
 */
export interface PublishResult__Output {
  /**
   * Everything asked for was done (or, with check, could be done) on every target.
   */
  'ok': (boolean);
  /**
   * The commit point was passed.
   */
  'committed': (boolean);
  /**
   * Nothing had to change on any target.
   */
  'nothingToDo': (boolean);
  /**
   * What went wrong, for all that did.
   */
  'errors': (_pgsvc_v1_Notice__Output)[];
}
