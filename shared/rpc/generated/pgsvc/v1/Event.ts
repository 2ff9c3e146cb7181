// Original file: proto/pgsvc/v1/admin.proto

import type { LeaderReport as _pgsvc_v1_LeaderReport, LeaderReport__Output as _pgsvc_v1_LeaderReport__Output } from '../../pgsvc/v1/LeaderReport.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Something that happened.
 */
export interface Event {
  /**
   * Grows by one with each event of this controller.
   */
  'id'?: (number | string | Long);
  /**
   * When the controller learnt of it, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * "leader", "publish", "rollback", "remove", "forget", "connected", "disconnected", "refused", "quarantined", "haproxy",
   * "service", "revoked", "certificate" or "controller".
   */
  'kind'?: (string);
  /**
   * The owner it is about; may be empty.
   */
  'owner'?: (string);
  /**
   * The node it is about; may be empty.
   */
  'node'?: (string);
  /**
   * What happened, in one sentence.
   */
  'message'?: (string);
  /**
   * For "leader": the step in full.
   */
  'leader'?: (_pgsvc_v1_LeaderReport | null);
}

/**
 * Something that happened.
 */
export interface Event__Output {
  /**
   * Grows by one with each event of this controller.
   */
  'id': (number);
  /**
   * When the controller learnt of it, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * "leader", "publish", "rollback", "remove", "forget", "connected", "disconnected", "refused", "quarantined", "haproxy",
   * "service", "revoked", "certificate" or "controller".
   */
  'kind': (string);
  /**
   * The owner it is about; may be empty.
   */
  'owner': (string);
  /**
   * The node it is about; may be empty.
   */
  'node': (string);
  /**
   * What happened, in one sentence.
   */
  'message': (string);
  /**
   * For "leader": the step in full.
   */
  'leader': (_pgsvc_v1_LeaderReport__Output | null);
}
