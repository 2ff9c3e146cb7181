// Original file: proto/etcd/v3/etcd.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Asks for a range of keys.
 */
export interface RangeRequest {
  /**
   * First key.
   */
  'key'?: (Buffer | Uint8Array | string);
  /**
   * First key behind the range.
   */
  'rangeEnd'?: (Buffer | Uint8Array | string);
  /**
   * At most this many keys; 0 for all.
   */
  'limit'?: (number | string | Long);
  /**
   * The store as it was at this revision; 0 for now.
   */
  'revision'?: (number | string | Long);
}

/**
 * Asks for a range of keys.
 */
export interface RangeRequest__Output {
  /**
   * First key.
   */
  'key': (Buffer);
  /**
   * First key behind the range.
   */
  'rangeEnd': (Buffer);
  /**
   * At most this many keys; 0 for all.
   */
  'limit': (number);
  /**
   * The store as it was at this revision; 0 for now.
   */
  'revision': (number);
}
