// Original file: proto/pgsvc/v1/model.proto

import type { FollowTimings as _pgsvc_v1_FollowTimings, FollowTimings__Output as _pgsvc_v1_FollowTimings__Output } from '../../pgsvc/v1/FollowTimings.ts';
import type { Follow as _pgsvc_v1_Follow, Follow__Output as _pgsvc_v1_Follow__Output } from '../../pgsvc/v1/Follow.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Who leads a cluster, as one node sees it.
 */
export interface LeaderView {
  /**
   * The cluster.
   */
  'owner'?: (string);
  /**
   * The leader that the node goes by: the last one confirmed, else the one it was told with its assignment.
   */
  'leader'?: (string);
  /**
   * A live check has confirmed it since the agent started.
   */
  'confirmed'?: (boolean);
  /**
   * Since when, milliseconds since 1970; 0 when it has always been so for this agent.
   */
  'sinceMs'?: (number | string | Long);
  /**
   * Leader whose variant is in place.
   */
  'running'?: (string);
  /**
   * Timings of the last follow.
   */
  'timings'?: (_pgsvc_v1_FollowTimings | null);
  /**
   * What made the agent look then.
   */
  'source'?: (string);
  /**
   * What the agent does on a change: its own policy where the assignment leaves it to it.
   */
  'follow'?: (_pgsvc_v1_Follow);
  /**
   * Stable code of what keeps the node from following, if anything does; docs/faults.md lists them.
   */
  'code'?: (string);
  /**
   * What it is, in one sentence.
   */
  'message'?: (string);
}

/**
 * Who leads a cluster, as one node sees it.
 */
export interface LeaderView__Output {
  /**
   * The cluster.
   */
  'owner': (string);
  /**
   * The leader that the node goes by: the last one confirmed, else the one it was told with its assignment.
   */
  'leader': (string);
  /**
   * A live check has confirmed it since the agent started.
   */
  'confirmed': (boolean);
  /**
   * Since when, milliseconds since 1970; 0 when it has always been so for this agent.
   */
  'sinceMs': (number);
  /**
   * Leader whose variant is in place.
   */
  'running': (string);
  /**
   * Timings of the last follow.
   */
  'timings': (_pgsvc_v1_FollowTimings__Output | null);
  /**
   * What made the agent look then.
   */
  'source': (string);
  /**
   * What the agent does on a change: its own policy where the assignment leaves it to it.
   */
  'follow': (_pgsvc_v1_Follow__Output);
  /**
   * Stable code of what keeps the node from following, if anything does; docs/faults.md lists them.
   */
  'code': (string);
  /**
   * What it is, in one sentence.
   */
  'message': (string);
}
