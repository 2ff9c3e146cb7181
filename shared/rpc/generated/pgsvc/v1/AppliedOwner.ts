// Original file: proto/pgsvc/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What an agent runs of one owner.
 */
export interface AppliedOwner {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * Revision that runs.
   */
  'revision'?: (number | string | Long);
  /**
   * Leader whose variant runs.
   */
  'leader'?: (string);
}

/**
 * What an agent runs of one owner.
 */
export interface AppliedOwner__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * Revision that runs.
   */
  'revision': (number);
  /**
   * Leader whose variant runs.
   */
  'leader': (string);
}
