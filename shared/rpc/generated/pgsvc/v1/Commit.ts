// Original file: proto/pgsvc/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Second phase. An agent that no longer holds the prepared set answers Nack, stage RECEIVE; the controller
 * then sends the Snapshot.
 */
export interface Commit {
  /**
   * The publish whose prepared set is to be applied.
   */
  'publishId'?: (string);
  /**
   * Version that the prepared snapshot gets; equal to the prepared one's.
   */
  'version'?: (number | string | Long);
}

/**
 * Second phase. An agent that no longer holds the prepared set answers Nack, stage RECEIVE; the controller
 * then sends the Snapshot.
 */
export interface Commit__Output {
  /**
   * The publish whose prepared set is to be applied.
   */
  'publishId': (string);
  /**
   * Version that the prepared snapshot gets; equal to the prepared one's.
   */
  'version': (number);
}
