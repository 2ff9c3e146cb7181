// Original file: proto/etcd/v3/etcd.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Begins a watch.
 */
export interface WatchCreateRequest {
  /**
   * First key.
   */
  'key'?: (Buffer | Uint8Array | string);
  /**
   * First key behind the range.
   */
  'rangeEnd'?: (Buffer | Uint8Array | string);
  /**
   * The first revision whose changes are sent; 0 for those from now on.
   */
  'startRevision'?: (number | string | Long);
  /**
   * Changes that are large together may come in several answers.
   */
  'fragment'?: (boolean);
}

/**
 * Begins a watch.
 */
export interface WatchCreateRequest__Output {
  /**
   * First key.
   */
  'key': (Buffer);
  /**
   * First key behind the range.
   */
  'rangeEnd': (Buffer);
  /**
   * The first revision whose changes are sent; 0 for those from now on.
   */
  'startRevision': (number);
  /**
   * Changes that are large together may come in several answers.
   */
  'fragment': (boolean);
}
