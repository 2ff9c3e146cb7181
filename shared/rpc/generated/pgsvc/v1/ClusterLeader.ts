// Original file: proto/pgsvc/v1/admin.proto

import type { Follow as _pgsvc_v1_Follow, Follow__Output as _pgsvc_v1_Follow__Output } from '../../pgsvc/v1/Follow.ts';
import type { NodeLeader as _pgsvc_v1_NodeLeader, NodeLeader__Output as _pgsvc_v1_NodeLeader__Output } from '../../pgsvc/v1/NodeLeader.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Who leads one cluster.
 */
export interface ClusterLeader {
  /**
   * The cluster.
   */
  'owner'?: (string);
  /**
   * By the inventory, in the newest revision.
   */
  'inventory'?: (string);
  /**
   * The leader last followed; empty when none was.
   */
  'followed'?: (string);
  /**
   * Since when, milliseconds since 1970; 0 when none was followed.
   */
  'sinceMs'?: (number | string | Long);
  /**
   * What was first to know.
   */
  'source'?: (string);
  /**
   * What is done when the leader changes.
   */
  'follow'?: (_pgsvc_v1_Follow);
  /**
   * What each connected node sees, sorted by node.
   */
  'nodes'?: (_pgsvc_v1_NodeLeader)[];
}

/**
 * Who leads one cluster.
 */
export interface ClusterLeader__Output {
  /**
   * The cluster.
   */
  'owner': (string);
  /**
   * By the inventory, in the newest revision.
   */
  'inventory': (string);
  /**
   * The leader last followed; empty when none was.
   */
  'followed': (string);
  /**
   * Since when, milliseconds since 1970; 0 when none was followed.
   */
  'sinceMs': (number);
  /**
   * What was first to know.
   */
  'source': (string);
  /**
   * What is done when the leader changes.
   */
  'follow': (_pgsvc_v1_Follow__Output);
  /**
   * What each connected node sees, sorted by node.
   */
  'nodes': (_pgsvc_v1_NodeLeader__Output)[];
}
