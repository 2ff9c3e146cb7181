// Original file: proto/pgsvc/v1/model.proto

import type { Variant as _pgsvc_v1_Variant, Variant__Output as _pgsvc_v1_Variant__Output } from '../../pgsvc/v1/Variant.ts';
import type { Member as _pgsvc_v1_Member, Member__Output as _pgsvc_v1_Member__Output } from '../../pgsvc/v1/Member.ts';
import type { ServiceInfo as _pgsvc_v1_ServiceInfo, ServiceInfo__Output as _pgsvc_v1_ServiceInfo__Output } from '../../pgsvc/v1/ServiceInfo.ts';
import type { Follow as _pgsvc_v1_Follow, Follow__Output as _pgsvc_v1_Follow__Output } from '../../pgsvc/v1/Follow.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What one node should have of one owner.
 */
export interface Assignment {
  /**
   * Owner of the files: a cluster's name, or "node:<host>" for the node's own haproxy_services.
   */
  'owner'?: (string);
  /**
   * Revision of the owner that this node is assigned.
   */
  'revision'?: (number | string | Long);
  /**
   * All variants, so that an agent without its controller can still follow a leader.
   */
  'variants'?: (_pgsvc_v1_Variant)[];
  /**
   * Leader whose variant is to run: the last followed one, else the inventory's. Empty when there is none.
   */
  'leader'?: (string);
  /**
   * The cluster's members, in inventory order. Empty for haproxy_services.
   */
  'members'?: (_pgsvc_v1_Member)[];
  /**
   * The services of variant `leader`.
   */
  'services'?: (_pgsvc_v1_ServiceInfo)[];
  /**
   * What the agent does when Patroni's leader changes.
   */
  'follow'?: (_pgsvc_v1_Follow);
  /**
   * Leader by the inventory: whose variant an agent runs that by its own policy does not follow. Empty when there is none.
   */
  'inventoryLeader'?: (string);
  /**
   * How many nodes of the revision are no member: each of them asks the leader's Patroni, the less often the more they are.
   */
  'outsideNodes'?: (number);
}

/**
 * What one node should have of one owner.
 */
export interface Assignment__Output {
  /**
   * Owner of the files: a cluster's name, or "node:<host>" for the node's own haproxy_services.
   */
  'owner': (string);
  /**
   * Revision of the owner that this node is assigned.
   */
  'revision': (number);
  /**
   * All variants, so that an agent without its controller can still follow a leader.
   */
  'variants': (_pgsvc_v1_Variant__Output)[];
  /**
   * Leader whose variant is to run: the last followed one, else the inventory's. Empty when there is none.
   */
  'leader': (string);
  /**
   * The cluster's members, in inventory order. Empty for haproxy_services.
   */
  'members': (_pgsvc_v1_Member__Output)[];
  /**
   * The services of variant `leader`.
   */
  'services': (_pgsvc_v1_ServiceInfo__Output)[];
  /**
   * What the agent does when Patroni's leader changes.
   */
  'follow': (_pgsvc_v1_Follow__Output);
  /**
   * Leader by the inventory: whose variant an agent runs that by its own policy does not follow. Empty when there is none.
   */
  'inventoryLeader': (string);
  /**
   * How many nodes of the revision are no member: each of them asks the leader's Patroni, the less often the more they are.
   */
  'outsideNodes': (number);
}
