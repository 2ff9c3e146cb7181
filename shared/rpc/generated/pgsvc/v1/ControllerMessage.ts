// Original file: proto/pgsvc/v1/agent.proto

import type { Welcome as _pgsvc_v1_Welcome, Welcome__Output as _pgsvc_v1_Welcome__Output } from '../../pgsvc/v1/Welcome.ts';
import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from '../../pgsvc/v1/Snapshot.ts';
import type { Prepare as _pgsvc_v1_Prepare, Prepare__Output as _pgsvc_v1_Prepare__Output } from '../../pgsvc/v1/Prepare.ts';
import type { Commit as _pgsvc_v1_Commit, Commit__Output as _pgsvc_v1_Commit__Output } from '../../pgsvc/v1/Commit.ts';
import type { Abort as _pgsvc_v1_Abort, Abort__Output as _pgsvc_v1_Abort__Output } from '../../pgsvc/v1/Abort.ts';
import type { Heartbeat as _pgsvc_v1_Heartbeat, Heartbeat__Output as _pgsvc_v1_Heartbeat__Output } from '../../pgsvc/v1/Heartbeat.ts';
import type { LeaderHint as _pgsvc_v1_LeaderHint, LeaderHint__Output as _pgsvc_v1_LeaderHint__Output } from '../../pgsvc/v1/LeaderHint.ts';
import type { SignedCertificate as _pgsvc_v1_SignedCertificate, SignedCertificate__Output as _pgsvc_v1_SignedCertificate__Output } from '../../pgsvc/v1/SignedCertificate.ts';
import type { RenewCertificate as _pgsvc_v1_RenewCertificate, RenewCertificate__Output as _pgsvc_v1_RenewCertificate__Output } from '../../pgsvc/v1/RenewCertificate.ts';

/**
 * From the controller.
 */
export interface ControllerMessage {
  /**
   * Answer to Hello.
   */
  'welcome'?: (_pgsvc_v1_Welcome | null);
  /**
   * Apply this. Only the newest counts; an agent busy with an older one goes on with the newest after it.
   */
  'snapshot'?: (_pgsvc_v1_Snapshot | null);
  /**
   * First phase of a publish: stage and validate, change nothing.
   */
  'prepare'?: (_pgsvc_v1_Prepare | null);
  /**
   * Second phase: apply what was prepared.
   */
  'commit'?: (_pgsvc_v1_Commit | null);
  /**
   * Forget what was prepared.
   */
  'abort'?: (_pgsvc_v1_Abort | null);
  /**
   * Sign of life.
   */
  'heartbeat'?: (_pgsvc_v1_Heartbeat | null);
  /**
   * Nonce of a snapshot, prepare or commit; the answer repeats it. Empty for the others.
   */
  'nonce'?: (string);
  /**
   * Somebody says that the leader of a cluster has changed, or is about to. Never acted on by itself.
   */
  'leaderHint'?: (_pgsvc_v1_LeaderHint | null);
  /**
   * Answer to a CertificateRequest.
   */
  'certificate'?: (_pgsvc_v1_SignedCertificate | null);
  /**
   * Renew the certificate now: the authority is being changed, or somebody said so.
   */
  'renewCertificate'?: (_pgsvc_v1_RenewCertificate | null);
  'body'?: "welcome"|"snapshot"|"prepare"|"commit"|"abort"|"heartbeat"|"leaderHint"|"certificate"|"renewCertificate";
}

/**
 * From the controller.
 */
export interface ControllerMessage__Output {
  /**
   * Answer to Hello.
   */
  'welcome'?: (_pgsvc_v1_Welcome__Output | null);
  /**
   * Apply this. Only the newest counts; an agent busy with an older one goes on with the newest after it.
   */
  'snapshot'?: (_pgsvc_v1_Snapshot__Output | null);
  /**
   * First phase of a publish: stage and validate, change nothing.
   */
  'prepare'?: (_pgsvc_v1_Prepare__Output | null);
  /**
   * Second phase: apply what was prepared.
   */
  'commit'?: (_pgsvc_v1_Commit__Output | null);
  /**
   * Forget what was prepared.
   */
  'abort'?: (_pgsvc_v1_Abort__Output | null);
  /**
   * Sign of life.
   */
  'heartbeat'?: (_pgsvc_v1_Heartbeat__Output | null);
  /**
   * Nonce of a snapshot, prepare or commit; the answer repeats it. Empty for the others.
   */
  'nonce': (string);
  /**
   * Somebody says that the leader of a cluster has changed, or is about to. Never acted on by itself.
   */
  'leaderHint'?: (_pgsvc_v1_LeaderHint__Output | null);
  /**
   * Answer to a CertificateRequest.
   */
  'certificate'?: (_pgsvc_v1_SignedCertificate__Output | null);
  /**
   * Renew the certificate now: the authority is being changed, or somebody said so.
   */
  'renewCertificate'?: (_pgsvc_v1_RenewCertificate__Output | null);
  'body'?: "welcome"|"snapshot"|"prepare"|"commit"|"abort"|"heartbeat"|"leaderHint"|"certificate"|"renewCertificate";
}
