// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Something an operator did.
 */
export interface Act {
  /**
   * Identifies it in logs.
   */
  'publishId'?: (string);
  /**
   * When, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * "publish", "rollback" or "remove".
   */
  'kind'?: (string);
  /**
   * Who.
   */
  'operator'?: (string);
  /**
   * Revision that was assigned; 0 for a removal.
   */
  'revision'?: (number | string | Long);
  /**
   * The nodes concerned.
   */
  'nodes'?: (string)[];
  /**
   * "committed", "done", or "failed: ..." with the nodes that failed.
   */
  'outcome'?: (string);
}

/**
 * Something an operator did.
 */
export interface Act__Output {
  /**
   * Identifies it in logs.
   */
  'publishId': (string);
  /**
   * When, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * "publish", "rollback" or "remove".
   */
  'kind': (string);
  /**
   * Who.
   */
  'operator': (string);
  /**
   * Revision that was assigned; 0 for a removal.
   */
  'revision': (number);
  /**
   * The nodes concerned.
   */
  'nodes': (string)[];
  /**
   * "committed", "done", or "failed: ..." with the nodes that failed.
   */
  'outcome': (string);
}
