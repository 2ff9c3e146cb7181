// Original file: proto/etcd/v3/etcd.proto

import type { WatchCreateRequest as _etcdserverpb_WatchCreateRequest, WatchCreateRequest__Output as _etcdserverpb_WatchCreateRequest__Output } from '../etcdserverpb/WatchCreateRequest.ts';
import type { WatchProgressRequest as _etcdserverpb_WatchProgressRequest, WatchProgressRequest__Output as _etcdserverpb_WatchProgressRequest__Output } from '../etcdserverpb/WatchProgressRequest.ts';

/**
 * Something about the watches of a stream.
 */
export interface WatchRequest {
  /**
   * Begin a watch.
   */
  'createRequest'?: (_etcdserverpb_WatchCreateRequest | null);
  /**
   * Say at which revision the stream is.
   */
  'progressRequest'?: (_etcdserverpb_WatchProgressRequest | null);
  /**
   * Exactly one is set.
   */
  'requestUnion'?: "createRequest"|"progressRequest";
}

/**
 * Something about the watches of a stream.
 */
export interface WatchRequest__Output {
  /**
   * Begin a watch.
   */
  'createRequest'?: (_etcdserverpb_WatchCreateRequest__Output | null);
  /**
   * Say at which revision the stream is.
   */
  'progressRequest'?: (_etcdserverpb_WatchProgressRequest__Output | null);
  /**
   * Exactly one is set.
   */
  'requestUnion'?: "createRequest"|"progressRequest";
}
