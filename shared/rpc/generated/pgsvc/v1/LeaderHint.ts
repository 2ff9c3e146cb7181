// Original file: proto/pgsvc/v1/agent.proto

import type { Timeline as _pgsvc_v1_Timeline, Timeline__Output as _pgsvc_v1_Timeline__Output } from '../../pgsvc/v1/Timeline.ts';

/**
 * A reason to look, not a reason to move: the agent moves when the services' own checks say so. Hints are answered
 * by LeaderReports, if there is anything to report.
 */
export interface LeaderHint {
  /**
   * The cluster.
   */
  'owner'?: (string);
  /**
   * Instance that is said to lead; empty when nobody does, or when something is only about to change.
   */
  'leader'?: (string);
  /**
   * Who says so: "etcd", "node:<name>" (an agent's report), "followed" (the controller's own record).
   */
  'source'?: (string);
  /**
   * What identifies the claim in time, if the source knows it.
   */
  'timeline'?: (_pgsvc_v1_Timeline | null);
}

/**
 * A reason to look, not a reason to move: the agent moves when the services' own checks say so. Hints are answered
 * by LeaderReports, if there is anything to report.
 */
export interface LeaderHint__Output {
  /**
   * The cluster.
   */
  'owner': (string);
  /**
   * Instance that is said to lead; empty when nobody does, or when something is only about to change.
   */
  'leader': (string);
  /**
   * Who says so: "etcd", "node:<name>" (an agent's report), "followed" (the controller's own record).
   */
  'source': (string);
  /**
   * What identifies the claim in time, if the source knows it.
   */
  'timeline': (_pgsvc_v1_Timeline__Output | null);
}
