// Original file: proto/pgsvc/v1/agent.proto

import type { Hello as _pgsvc_v1_Hello, Hello__Output as _pgsvc_v1_Hello__Output } from '../../pgsvc/v1/Hello.ts';
import type { Ack as _pgsvc_v1_Ack, Ack__Output as _pgsvc_v1_Ack__Output } from '../../pgsvc/v1/Ack.ts';
import type { Nack as _pgsvc_v1_Nack, Nack__Output as _pgsvc_v1_Nack__Output } from '../../pgsvc/v1/Nack.ts';
import type { Progress as _pgsvc_v1_Progress, Progress__Output as _pgsvc_v1_Progress__Output } from '../../pgsvc/v1/Progress.ts';
import type { Observation as _pgsvc_v1_Observation, Observation__Output as _pgsvc_v1_Observation__Output } from '../../pgsvc/v1/Observation.ts';
import type { Heartbeat as _pgsvc_v1_Heartbeat, Heartbeat__Output as _pgsvc_v1_Heartbeat__Output } from '../../pgsvc/v1/Heartbeat.ts';
import type { LeaderReport as _pgsvc_v1_LeaderReport, LeaderReport__Output as _pgsvc_v1_LeaderReport__Output } from '../../pgsvc/v1/LeaderReport.ts';
import type { CertificateRequest as _pgsvc_v1_CertificateRequest, CertificateRequest__Output as _pgsvc_v1_CertificateRequest__Output } from '../../pgsvc/v1/CertificateRequest.ts';

/**
 * From an agent.
 */
export interface AgentMessage {
  /**
   * First message, exactly once.
   */
  'hello'?: (_pgsvc_v1_Hello | null);
  /**
   * Answer to a Snapshot or Prepare that succeeded.
   */
  'ack'?: (_pgsvc_v1_Ack | null);
  /**
   * Answer to a Snapshot or Prepare that failed.
   */
  'nack'?: (_pgsvc_v1_Nack | null);
  /**
   * A step was taken, for live progress only; may be lost.
   */
  'progress'?: (_pgsvc_v1_Progress | null);
  /**
   * What the agent sees of its HAProxy and files; sent on change and at least every heartbeat.
   */
  'observation'?: (_pgsvc_v1_Observation | null);
  /**
   * Sign of life.
   */
  'heartbeat'?: (_pgsvc_v1_Heartbeat | null);
  /**
   * Something became known about who leads a cluster that this node serves.
   */
  'leaderReport'?: (_pgsvc_v1_LeaderReport | null);
  /**
   * The agent has made a new key and asks for its certificate; the answer is a SignedCertificate.
   */
  'certificateRequest'?: (_pgsvc_v1_CertificateRequest | null);
  'body'?: "hello"|"ack"|"nack"|"progress"|"observation"|"heartbeat"|"leaderReport"|"certificateRequest";
}

/**
 * From an agent.
 */
export interface AgentMessage__Output {
  /**
   * First message, exactly once.
   */
  'hello'?: (_pgsvc_v1_Hello__Output | null);
  /**
   * Answer to a Snapshot or Prepare that succeeded.
   */
  'ack'?: (_pgsvc_v1_Ack__Output | null);
  /**
   * Answer to a Snapshot or Prepare that failed.
   */
  'nack'?: (_pgsvc_v1_Nack__Output | null);
  /**
   * A step was taken, for live progress only; may be lost.
   */
  'progress'?: (_pgsvc_v1_Progress__Output | null);
  /**
   * What the agent sees of its HAProxy and files; sent on change and at least every heartbeat.
   */
  'observation'?: (_pgsvc_v1_Observation__Output | null);
  /**
   * Sign of life.
   */
  'heartbeat'?: (_pgsvc_v1_Heartbeat__Output | null);
  /**
   * Something became known about who leads a cluster that this node serves.
   */
  'leaderReport'?: (_pgsvc_v1_LeaderReport__Output | null);
  /**
   * The agent has made a new key and asks for its certificate; the answer is a SignedCertificate.
   */
  'certificateRequest'?: (_pgsvc_v1_CertificateRequest__Output | null);
  'body'?: "hello"|"ack"|"nack"|"progress"|"observation"|"heartbeat"|"leaderReport"|"certificateRequest";
}
