// Original file: proto/pgsvc/v1/model.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A reload that the agent asked for.
 */
export interface Reload {
  /**
   * When, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * Why, one short phrase each.
   */
  'reasons'?: (string)[];
  /**
   * Sessions that stayed in old workers right after it.
   */
  'sessionsLeft'?: (number);
}

/**
 * A reload that the agent asked for.
 */
export interface Reload__Output {
  /**
   * When, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * Why, one short phrase each.
   */
  'reasons': (string)[];
  /**
   * Sessions that stayed in old workers right after it.
   */
  'sessionsLeft': (number);
}
