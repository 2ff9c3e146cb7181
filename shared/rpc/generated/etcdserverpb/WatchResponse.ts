// Original file: proto/etcd/v3/etcd.proto

import type { ResponseHeader as _etcdserverpb_ResponseHeader, ResponseHeader__Output as _etcdserverpb_ResponseHeader__Output } from '../etcdserverpb/ResponseHeader.ts';
import type { Event as _etcdserverpb_Event, Event__Output as _etcdserverpb_Event__Output } from '../etcdserverpb/Event.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Changes, or news of the watch itself.
 */
export interface WatchResponse {
  /**
   * Revision that the watch has reached.
   */
  'header'?: (_etcdserverpb_ResponseHeader | null);
  /**
   * The watch has begun, or was refused when `canceled` is set too.
   */
  'created'?: (boolean);
  /**
   * The watch is over.
   */
  'canceled'?: (boolean);
  /**
   * Not 0 when changes that were asked for are no longer kept: the oldest revision that still is.
   */
  'compactRevision'?: (number | string | Long);
  /**
   * Why the watch is over, in words.
   */
  'cancelReason'?: (string);
  /**
   * The changes, oldest first.
   */
  'events'?: (_etcdserverpb_Event)[];
}

/**
 * Changes, or news of the watch itself.
 */
export interface WatchResponse__Output {
  /**
   * Revision that the watch has reached.
   */
  'header': (_etcdserverpb_ResponseHeader__Output | null);
  /**
   * The watch has begun, or was refused when `canceled` is set too.
   */
  'created': (boolean);
  /**
   * The watch is over.
   */
  'canceled': (boolean);
  /**
   * Not 0 when changes that were asked for are no longer kept: the oldest revision that still is.
   */
  'compactRevision': (number);
  /**
   * Why the watch is over, in words.
   */
  'cancelReason': (string);
  /**
   * The changes, oldest first.
   */
  'events': (_etcdserverpb_Event__Output)[];
}
