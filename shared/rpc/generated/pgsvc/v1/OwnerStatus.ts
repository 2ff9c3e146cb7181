// Original file: proto/pgsvc/v1/admin.proto

import type { OwnerNodeStatus as _pgsvc_v1_OwnerNodeStatus, OwnerNodeStatus__Output as _pgsvc_v1_OwnerNodeStatus__Output } from '../../pgsvc/v1/OwnerNodeStatus.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One owner.
 */
export interface OwnerStatus {
  /**
   * The owner.
   */
  'owner'?: (string);
  /**
   * Its newest revision.
   */
  'newest'?: (number | string | Long);
  /**
   * What each node is assigned and runs.
   */
  'nodes'?: (_pgsvc_v1_OwnerNodeStatus)[];
  /**
   * Leader whose variant is to run.
   */
  'leader'?: (string);
  /**
   * Group whose nodes carry the services; empty when the members do.
   */
  'provider'?: (string);
}

/**
 * One owner.
 */
export interface OwnerStatus__Output {
  /**
   * The owner.
   */
  'owner': (string);
  /**
   * Its newest revision.
   */
  'newest': (number);
  /**
   * What each node is assigned and runs.
   */
  'nodes': (_pgsvc_v1_OwnerNodeStatus__Output)[];
  /**
   * Leader whose variant is to run.
   */
  'leader': (string);
  /**
   * Group whose nodes carry the services; empty when the members do.
   */
  'provider': (string);
}
