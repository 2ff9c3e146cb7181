// Original file: proto/pgsvc/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What was set going.
 */
export interface RenewResponse {
  /**
   * Nodes that were told.
   */
  'told'?: (string)[];
  /**
   * Nodes that were asked for and are not connected.
   */
  'offline'?: (string)[];
  /**
   * Until when the controller's new certificate is valid, milliseconds since 1970; 0 when it was not asked for.
   */
  'controllerNotAfterMs'?: (number | string | Long);
}

/**
 * What was set going.
 */
export interface RenewResponse__Output {
  /**
   * Nodes that were told.
   */
  'told': (string)[];
  /**
   * Nodes that were asked for and are not connected.
   */
  'offline': (string)[];
  /**
   * Until when the controller's new certificate is valid, milliseconds since 1970; 0 when it was not asked for.
   */
  'controllerNotAfterMs': (number);
}
