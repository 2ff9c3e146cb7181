// Original file: proto/pgsvc/v1/agent.proto

import type { LeaderStep as _pgsvc_v1_LeaderStep, LeaderStep__Output as _pgsvc_v1_LeaderStep__Output } from '../../pgsvc/v1/LeaderStep.ts';
import type { FollowTimings as _pgsvc_v1_FollowTimings, FollowTimings__Output as _pgsvc_v1_FollowTimings__Output } from '../../pgsvc/v1/FollowTimings.ts';
import type { Timeline as _pgsvc_v1_Timeline, Timeline__Output as _pgsvc_v1_Timeline__Output } from '../../pgsvc/v1/Timeline.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A step in following a leader; sent when it is taken.
 */
export interface LeaderReport {
  /**
   * The cluster.
   */
  'owner'?: (string);
  /**
   * What became known, or was done.
   */
  'step'?: (_pgsvc_v1_LeaderStep);
  /**
   * The leader that it is about; empty when nobody is known to lead.
   */
  'leader'?: (string);
  /**
   * The leader before.
   */
  'before'?: (string);
  /**
   * When, by the node's clock, milliseconds since 1970.
   */
  'atMs'?: (number | string | Long);
  /**
   * What made the agent look: "patroni", "callback", "haproxy", "controller", "start".
   */
  'source'?: (string);
  /**
   * How long the steps took so far.
   */
  'timings'?: (_pgsvc_v1_FollowTimings | null);
  /**
   * As the new leader's Patroni says it, if asked.
   */
  'timeline'?: (_pgsvc_v1_Timeline | null);
  /**
   * For HELD and FAILED: stable code of what keeps it, e.g. "TWO_LEADERS"; for MOVED: of what went with it that
   * somebody should know, "EDIT_REPLACED". docs/faults.md lists them.
   */
  'code'?: (string);
  /**
   * For a code: what it is, in one sentence.
   */
  'message'?: (string);
  /**
   * It was taken while no controller was connected, `at_ms` says when: something to be told, nothing to act on.
   */
  'late'?: (boolean);
  /**
   * For MOVED: it has just been done. Else the agent has connected and says how things stand.
   */
  'done'?: (boolean);
}

/**
 * A step in following a leader; sent when it is taken.
 */
export interface LeaderReport__Output {
  /**
   * The cluster.
   */
  'owner': (string);
  /**
   * What became known, or was done.
   */
  'step': (_pgsvc_v1_LeaderStep__Output);
  /**
   * The leader that it is about; empty when nobody is known to lead.
   */
  'leader': (string);
  /**
   * The leader before.
   */
  'before': (string);
  /**
   * When, by the node's clock, milliseconds since 1970.
   */
  'atMs': (number);
  /**
   * What made the agent look: "patroni", "callback", "haproxy", "controller", "start".
   */
  'source': (string);
  /**
   * How long the steps took so far.
   */
  'timings': (_pgsvc_v1_FollowTimings__Output | null);
  /**
   * As the new leader's Patroni says it, if asked.
   */
  'timeline': (_pgsvc_v1_Timeline__Output | null);
  /**
   * For HELD and FAILED: stable code of what keeps it, e.g. "TWO_LEADERS"; for MOVED: of what went with it that
   * somebody should know, "EDIT_REPLACED". docs/faults.md lists them.
   */
  'code': (string);
  /**
   * For a code: what it is, in one sentence.
   */
  'message': (string);
  /**
   * It was taken while no controller was connected, `at_ms` says when: something to be told, nothing to act on.
   */
  'late': (boolean);
  /**
   * For MOVED: it has just been done. Else the agent has connected and says how things stand.
   */
  'done': (boolean);
}
