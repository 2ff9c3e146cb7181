// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Ask what happened.
 */
export interface EventsRequest {
  /**
   * Only of these owners or nodes; empty for all.
   */
  'names'?: (string)[];
  /**
   * At most this many of the past, the newest; 0 for 50.
   */
  'limit'?: (number);
  /**
   * Go on with what happens from now on.
   */
  'follow'?: (boolean);
  /**
   * Of the past only what came after this one, however much: for a listener that was cut off. 0 for none; ignored when
   * this controller has never had so many.
   */
  'afterId'?: (number | string | Long);
}

/**
 * Ask what happened.
 */
export interface EventsRequest__Output {
  /**
   * Only of these owners or nodes; empty for all.
   */
  'names': (string)[];
  /**
   * At most this many of the past, the newest; 0 for 50.
   */
  'limit': (number);
  /**
   * Go on with what happens from now on.
   */
  'follow': (boolean);
  /**
   * Of the past only what came after this one, however much: for a listener that was cut off. 0 for none; ignored when
   * this controller has never had so many.
   */
  'afterId': (number);
}
