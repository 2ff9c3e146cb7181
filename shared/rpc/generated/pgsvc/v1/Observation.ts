// Original file: proto/pgsvc/v1/agent.proto

import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from '../../pgsvc/v1/Drift.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from '../../pgsvc/v1/OldWorker.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from '../../pgsvc/v1/Reload.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from '../../pgsvc/v1/Repair.ts';
import type { LeaderView as _pgsvc_v1_LeaderView, LeaderView__Output as _pgsvc_v1_LeaderView__Output } from '../../pgsvc/v1/LeaderView.ts';
import type { Standing as _pgsvc_v1_Standing, Standing__Output as _pgsvc_v1_Standing__Output } from '../../pgsvc/v1/Standing.ts';
import type { CertificateReport as _pgsvc_v1_CertificateReport, CertificateReport__Output as _pgsvc_v1_CertificateReport__Output } from '../../pgsvc/v1/CertificateReport.ts';

/**
 * What an agent sees from HAProxy itself and on disk. "Applied" says that a set was put in place and
 * confirmed once; "healthy" is this, now.
 */
export interface Observation {
  /**
   * HAProxy's master process is there and answers.
   */
  'haproxyRunning'?: (boolean);
  /**
   * Pid of the current worker; 0 when not running.
   */
  'workerPid'?: (number);
  /**
   * Services of ours in which HAProxy has no usable server at the moment.
   */
  'servicesDown'?: (string)[];
  /**
   * Files of ours that are not on disk as they were applied, with what is wrong: "changed" or "missing".
   */
  'drift'?: (_pgsvc_v1_Drift)[];
  /**
   * HAProxy loaded the generation that was applied last (false: e.g. it was not running then).
   */
  'servingApplied'?: (boolean);
  /**
   * Workers that reloads have left behind, the oldest first.
   */
  'oldWorkers'?: (_pgsvc_v1_OldWorker)[];
  /**
   * The last reload that this run of the agent asked for.
   */
  'lastReload'?: (_pgsvc_v1_Reload | null);
  /**
   * The last time that this run of the agent put files back, or tried to.
   */
  'lastRepair'?: (_pgsvc_v1_Repair | null);
  /**
   * Who leads each cluster that the node serves, as far as the agent knows.
   */
  'leaders'?: (_pgsvc_v1_LeaderView)[];
  /**
   * What the node has, and what it could not take; absent when the same was said before on this stream. It may be
   * another than the last Ack or Nack said: the agent tries again by itself what it could not take.
   */
  'standing'?: (_pgsvc_v1_Standing | null);
  /**
   * The certificate that the agent would show to the next controller.
   */
  'certificate'?: (_pgsvc_v1_CertificateReport | null);
}

/**
 * What an agent sees from HAProxy itself and on disk. "Applied" says that a set was put in place and
 * confirmed once; "healthy" is this, now.
 */
export interface Observation__Output {
  /**
   * HAProxy's master process is there and answers.
   */
  'haproxyRunning': (boolean);
  /**
   * Pid of the current worker; 0 when not running.
   */
  'workerPid': (number);
  /**
   * Services of ours in which HAProxy has no usable server at the moment.
   */
  'servicesDown': (string)[];
  /**
   * Files of ours that are not on disk as they were applied, with what is wrong: "changed" or "missing".
   */
  'drift': (_pgsvc_v1_Drift__Output)[];
  /**
   * HAProxy loaded the generation that was applied last (false: e.g. it was not running then).
   */
  'servingApplied': (boolean);
  /**
   * Workers that reloads have left behind, the oldest first.
   */
  'oldWorkers': (_pgsvc_v1_OldWorker__Output)[];
  /**
   * The last reload that this run of the agent asked for.
   */
  'lastReload': (_pgsvc_v1_Reload__Output | null);
  /**
   * The last time that this run of the agent put files back, or tried to.
   */
  'lastRepair': (_pgsvc_v1_Repair__Output | null);
  /**
   * Who leads each cluster that the node serves, as far as the agent knows.
   */
  'leaders': (_pgsvc_v1_LeaderView__Output)[];
  /**
   * What the node has, and what it could not take; absent when the same was said before on this stream. It may be
   * another than the last Ack or Nack said: the agent tries again by itself what it could not take.
   */
  'standing': (_pgsvc_v1_Standing__Output | null);
  /**
   * The certificate that the agent would show to the next controller.
   */
  'certificate': (_pgsvc_v1_CertificateReport__Output | null);
}
