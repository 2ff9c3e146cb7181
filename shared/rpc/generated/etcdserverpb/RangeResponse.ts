// Original file: proto/etcd/v3/etcd.proto

import type { ResponseHeader as _etcdserverpb_ResponseHeader, ResponseHeader__Output as _etcdserverpb_ResponseHeader__Output } from '../etcdserverpb/ResponseHeader.ts';
import type { KeyValue as _etcdserverpb_KeyValue, KeyValue__Output as _etcdserverpb_KeyValue__Output } from '../etcdserverpb/KeyValue.ts';

/**
 * A range of keys, sorted by key.
 */
export interface RangeResponse {
  /**
   * Its revision is that of now, also when an older one was asked for.
   */
  'header'?: (_etcdserverpb_ResponseHeader | null);
  /**
   * The keys.
   */
  'kvs'?: (_etcdserverpb_KeyValue)[];
  /**
   * There are more than the limit let through.
   */
  'more'?: (boolean);
}

/**
 * A range of keys, sorted by key.
 */
export interface RangeResponse__Output {
  /**
   * Its revision is that of now, also when an older one was asked for.
   */
  'header': (_etcdserverpb_ResponseHeader__Output | null);
  /**
   * The keys.
   */
  'kvs': (_etcdserverpb_KeyValue__Output)[];
  /**
   * There are more than the limit let through.
   */
  'more': (boolean);
}
