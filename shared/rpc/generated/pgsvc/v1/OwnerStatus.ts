// Original file: proto/pgsvc/v1/admin.proto

import type { OwnerNodeStatus as _pgsvc_v1_OwnerNodeStatus, OwnerNodeStatus__Output as _pgsvc_v1_OwnerNodeStatus__Output } from '../../pgsvc/v1/OwnerNodeStatus.ts';
import type { Follow as _pgsvc_v1_Follow, Follow__Output as _pgsvc_v1_Follow__Output } from '../../pgsvc/v1/Follow.ts';
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
  /**
   * Leader by the inventory, in the newest revision; empty for haproxy_services.
   */
  'inventoryLeader'?: (string);
  /**
   * Since when `leader` leads, milliseconds since 1970; 0 when it is the inventory's and was never followed.
   */
  'leaderSinceMs'?: (number | string | Long);
  /**
   * How long the slowest node that follows took to tell HAProxy of the live leader (`leader` where there is none), from its
   * first hint, milliseconds; 0 when not known.
   */
  'followedInMs'?: (number);
  /**
   * What is done when the leader changes.
   */
  'follow'?: (_pgsvc_v1_Follow);
  /**
   * Who leads by the live checks of the connected nodes; empty when they do not agree, or none looks.
   */
  'liveLeader'?: (string);
  /**
   * Since when that one leads, milliseconds since 1970; 0 when it has been so for as long as the nodes know.
   */
  'liveSinceMs'?: (number | string | Long);
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
  /**
   * Leader by the inventory, in the newest revision; empty for haproxy_services.
   */
  'inventoryLeader': (string);
  /**
   * Since when `leader` leads, milliseconds since 1970; 0 when it is the inventory's and was never followed.
   */
  'leaderSinceMs': (number);
  /**
   * How long the slowest node that follows took to tell HAProxy of the live leader (`leader` where there is none), from its
   * first hint, milliseconds; 0 when not known.
   */
  'followedInMs': (number);
  /**
   * What is done when the leader changes.
   */
  'follow': (_pgsvc_v1_Follow__Output);
  /**
   * Who leads by the live checks of the connected nodes; empty when they do not agree, or none looks.
   */
  'liveLeader': (string);
  /**
   * Since when that one leads, milliseconds since 1970; 0 when it has been so for as long as the nodes know.
   */
  'liveSinceMs': (number);
}
