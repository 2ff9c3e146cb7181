// Original file: proto/pgsvc/v1/admin.proto

import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from '../../pgsvc/v1/Fault.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from '../../pgsvc/v1/OldWorker.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from '../../pgsvc/v1/Reload.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from '../../pgsvc/v1/QuarantinedOwner.ts';
import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from '../../pgsvc/v1/Drift.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from '../../pgsvc/v1/Repair.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One node.
 */
export interface NodeStatus {
  /**
   * The node.
   */
  'node'?: (string);
  /**
   * Its stream is up.
   */
  'connected'?: (boolean);
  /**
   * Since when (connected) or until when (not), milliseconds since 1970; 0 for never.
   */
  'sinceMs'?: (number | string | Long);
  /**
   * Version of the snapshot the node should have.
   */
  'wantedVersion'?: (number | string | Long);
  /**
   * Version last sent.
   */
  'sentVersion'?: (number | string | Long);
  /**
   * Version last acknowledged.
   */
  'appliedVersion'?: (number | string | Long);
  /**
   * A version that failed is not sent again until it or the agent changes.
   */
  'parked'?: (boolean);
  /**
   * Why the last apply failed; absent after a good one.
   */
  'fault'?: (_pgsvc_v1_Fault | null);
  /**
   * HAProxy runs, serves what was applied, every service has a server, and no file has drifted.
   */
  'healthy'?: (boolean);
  /**
   * What is not healthy, one phrase each.
   */
  'problems'?: (string)[];
  /**
   * Version of the agent.
   */
  'agentVersion'?: (string);
  /**
   * Version of HAProxy.
   */
  'haproxyVersion'?: (string);
  /**
   * Workers of HAProxy that reloads have left behind, by the node's last word, the oldest first.
   */
  'oldWorkers'?: (_pgsvc_v1_OldWorker)[];
  /**
   * The last reload that the agent asked for since its start.
   */
  'lastReload'?: (_pgsvc_v1_Reload | null);
  /**
   * Owners whose newest files the node cannot take; everything else of the version applied is in place.
   */
  'quarantined'?: (_pgsvc_v1_QuarantinedOwner)[];
  /**
   * Files that are not as they were applied, and what the agent does about each.
   */
  'drift'?: (_pgsvc_v1_Drift)[];
  /**
   * The last time that the agent put files back since its start, or tried to.
   */
  'lastRepair'?: (_pgsvc_v1_Repair | null);
  /**
   * Until when the node's certificate is valid, milliseconds since 1970; 0 when that is not known.
   */
  'certificateNotAfterMs'?: (number | string | Long);
  /**
   * Its stream is carried by an operator's command (`pgsql-svc --ssh`) and ends with it.
   */
  'relayed'?: (boolean);
}

/**
 * One node.
 */
export interface NodeStatus__Output {
  /**
   * The node.
   */
  'node': (string);
  /**
   * Its stream is up.
   */
  'connected': (boolean);
  /**
   * Since when (connected) or until when (not), milliseconds since 1970; 0 for never.
   */
  'sinceMs': (number);
  /**
   * Version of the snapshot the node should have.
   */
  'wantedVersion': (number);
  /**
   * Version last sent.
   */
  'sentVersion': (number);
  /**
   * Version last acknowledged.
   */
  'appliedVersion': (number);
  /**
   * A version that failed is not sent again until it or the agent changes.
   */
  'parked': (boolean);
  /**
   * Why the last apply failed; absent after a good one.
   */
  'fault': (_pgsvc_v1_Fault__Output | null);
  /**
   * HAProxy runs, serves what was applied, every service has a server, and no file has drifted.
   */
  'healthy': (boolean);
  /**
   * What is not healthy, one phrase each.
   */
  'problems': (string)[];
  /**
   * Version of the agent.
   */
  'agentVersion': (string);
  /**
   * Version of HAProxy.
   */
  'haproxyVersion': (string);
  /**
   * Workers of HAProxy that reloads have left behind, by the node's last word, the oldest first.
   */
  'oldWorkers': (_pgsvc_v1_OldWorker__Output)[];
  /**
   * The last reload that the agent asked for since its start.
   */
  'lastReload': (_pgsvc_v1_Reload__Output | null);
  /**
   * Owners whose newest files the node cannot take; everything else of the version applied is in place.
   */
  'quarantined': (_pgsvc_v1_QuarantinedOwner__Output)[];
  /**
   * Files that are not as they were applied, and what the agent does about each.
   */
  'drift': (_pgsvc_v1_Drift__Output)[];
  /**
   * The last time that the agent put files back since its start, or tried to.
   */
  'lastRepair': (_pgsvc_v1_Repair__Output | null);
  /**
   * Until when the node's certificate is valid, milliseconds since 1970; 0 when that is not known.
   */
  'certificateNotAfterMs': (number);
  /**
   * Its stream is carried by an operator's command (`pgsql-svc --ssh`) and ends with it.
   */
  'relayed': (boolean);
}
