// Original file: proto/etcd/v3/etcd.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What every answer begins with.
 */
export interface ResponseHeader {
  /**
   * Revision of the whole store when the answer was made; each change adds one.
   */
  'revision'?: (number | string | Long);
}

/**
 * What every answer begins with.
 */
export interface ResponseHeader__Output {
  /**
   * Revision of the whole store when the answer was made; each change adds one.
   */
  'revision': (number);
}
