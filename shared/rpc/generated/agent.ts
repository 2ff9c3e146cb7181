import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Abort as _pgsvc_v1_Abort, Abort__Output as _pgsvc_v1_Abort__Output } from './pgsvc/v1/Abort.ts';
import type { Ack as _pgsvc_v1_Ack, Ack__Output as _pgsvc_v1_Ack__Output } from './pgsvc/v1/Ack.ts';
import type { AgentMessage as _pgsvc_v1_AgentMessage, AgentMessage__Output as _pgsvc_v1_AgentMessage__Output } from './pgsvc/v1/AgentMessage.ts';
import type { AgentServiceClient as _pgsvc_v1_AgentServiceClient, AgentServiceDefinition as _pgsvc_v1_AgentServiceDefinition } from './pgsvc/v1/AgentService.ts';
import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from './pgsvc/v1/AppliedOwner.ts';
import type { Assignment as _pgsvc_v1_Assignment, Assignment__Output as _pgsvc_v1_Assignment__Output } from './pgsvc/v1/Assignment.ts';
import type { Blob as _pgsvc_v1_Blob, Blob__Output as _pgsvc_v1_Blob__Output } from './pgsvc/v1/Blob.ts';
import type { CertificateReport as _pgsvc_v1_CertificateReport, CertificateReport__Output as _pgsvc_v1_CertificateReport__Output } from './pgsvc/v1/CertificateReport.ts';
import type { CertificateRequest as _pgsvc_v1_CertificateRequest, CertificateRequest__Output as _pgsvc_v1_CertificateRequest__Output } from './pgsvc/v1/CertificateRequest.ts';
import type { Commit as _pgsvc_v1_Commit, Commit__Output as _pgsvc_v1_Commit__Output } from './pgsvc/v1/Commit.ts';
import type { ControllerMessage as _pgsvc_v1_ControllerMessage, ControllerMessage__Output as _pgsvc_v1_ControllerMessage__Output } from './pgsvc/v1/ControllerMessage.ts';
import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from './pgsvc/v1/Drift.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from './pgsvc/v1/Fault.ts';
import type { FileRef as _pgsvc_v1_FileRef, FileRef__Output as _pgsvc_v1_FileRef__Output } from './pgsvc/v1/FileRef.ts';
import type { FollowTimings as _pgsvc_v1_FollowTimings, FollowTimings__Output as _pgsvc_v1_FollowTimings__Output } from './pgsvc/v1/FollowTimings.ts';
import type { Heartbeat as _pgsvc_v1_Heartbeat, Heartbeat__Output as _pgsvc_v1_Heartbeat__Output } from './pgsvc/v1/Heartbeat.ts';
import type { Hello as _pgsvc_v1_Hello, Hello__Output as _pgsvc_v1_Hello__Output } from './pgsvc/v1/Hello.ts';
import type { LeaderHint as _pgsvc_v1_LeaderHint, LeaderHint__Output as _pgsvc_v1_LeaderHint__Output } from './pgsvc/v1/LeaderHint.ts';
import type { LeaderReport as _pgsvc_v1_LeaderReport, LeaderReport__Output as _pgsvc_v1_LeaderReport__Output } from './pgsvc/v1/LeaderReport.ts';
import type { LeaderView as _pgsvc_v1_LeaderView, LeaderView__Output as _pgsvc_v1_LeaderView__Output } from './pgsvc/v1/LeaderView.ts';
import type { LiveFile as _pgsvc_v1_LiveFile, LiveFile__Output as _pgsvc_v1_LiveFile__Output } from './pgsvc/v1/LiveFile.ts';
import type { Member as _pgsvc_v1_Member, Member__Output as _pgsvc_v1_Member__Output } from './pgsvc/v1/Member.ts';
import type { Nack as _pgsvc_v1_Nack, Nack__Output as _pgsvc_v1_Nack__Output } from './pgsvc/v1/Nack.ts';
import type { Observation as _pgsvc_v1_Observation, Observation__Output as _pgsvc_v1_Observation__Output } from './pgsvc/v1/Observation.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from './pgsvc/v1/OldWorker.ts';
import type { Prepare as _pgsvc_v1_Prepare, Prepare__Output as _pgsvc_v1_Prepare__Output } from './pgsvc/v1/Prepare.ts';
import type { Progress as _pgsvc_v1_Progress, Progress__Output as _pgsvc_v1_Progress__Output } from './pgsvc/v1/Progress.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from './pgsvc/v1/QuarantinedOwner.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from './pgsvc/v1/Reload.ts';
import type { RenewCertificate as _pgsvc_v1_RenewCertificate, RenewCertificate__Output as _pgsvc_v1_RenewCertificate__Output } from './pgsvc/v1/RenewCertificate.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from './pgsvc/v1/Repair.ts';
import type { ReplacedEdit as _pgsvc_v1_ReplacedEdit, ReplacedEdit__Output as _pgsvc_v1_ReplacedEdit__Output } from './pgsvc/v1/ReplacedEdit.ts';
import type { ServiceInfo as _pgsvc_v1_ServiceInfo, ServiceInfo__Output as _pgsvc_v1_ServiceInfo__Output } from './pgsvc/v1/ServiceInfo.ts';
import type { SignedCertificate as _pgsvc_v1_SignedCertificate, SignedCertificate__Output as _pgsvc_v1_SignedCertificate__Output } from './pgsvc/v1/SignedCertificate.ts';
import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from './pgsvc/v1/Snapshot.ts';
import type { Standing as _pgsvc_v1_Standing, Standing__Output as _pgsvc_v1_Standing__Output } from './pgsvc/v1/Standing.ts';
import type { Timeline as _pgsvc_v1_Timeline, Timeline__Output as _pgsvc_v1_Timeline__Output } from './pgsvc/v1/Timeline.ts';
import type { Timings as _pgsvc_v1_Timings, Timings__Output as _pgsvc_v1_Timings__Output } from './pgsvc/v1/Timings.ts';
import type { Variant as _pgsvc_v1_Variant, Variant__Output as _pgsvc_v1_Variant__Output } from './pgsvc/v1/Variant.ts';
import type { Welcome as _pgsvc_v1_Welcome, Welcome__Output as _pgsvc_v1_Welcome__Output } from './pgsvc/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  pgsvc: {
    v1: {
      Abort: MessageTypeDefinition<_pgsvc_v1_Abort, _pgsvc_v1_Abort__Output>
      Ack: MessageTypeDefinition<_pgsvc_v1_Ack, _pgsvc_v1_Ack__Output>
      AgentMessage: MessageTypeDefinition<_pgsvc_v1_AgentMessage, _pgsvc_v1_AgentMessage__Output>
      /**
       * Between the controller and the agents.
       * 
       * State of the world, as in Envoy's xDS: the controller always names the whole set a node should have, the
       * agent answers each Snapshot with exactly one Ack or Nack that repeats its nonce.
       */
      AgentService: SubtypeConstructor<typeof grpc.Client, _pgsvc_v1_AgentServiceClient> & { service: _pgsvc_v1_AgentServiceDefinition }
      AppliedOwner: MessageTypeDefinition<_pgsvc_v1_AppliedOwner, _pgsvc_v1_AppliedOwner__Output>
      Assignment: MessageTypeDefinition<_pgsvc_v1_Assignment, _pgsvc_v1_Assignment__Output>
      Blob: MessageTypeDefinition<_pgsvc_v1_Blob, _pgsvc_v1_Blob__Output>
      CertificateReport: MessageTypeDefinition<_pgsvc_v1_CertificateReport, _pgsvc_v1_CertificateReport__Output>
      CertificateRequest: MessageTypeDefinition<_pgsvc_v1_CertificateRequest, _pgsvc_v1_CertificateRequest__Output>
      Change: EnumTypeDefinition
      Commit: MessageTypeDefinition<_pgsvc_v1_Commit, _pgsvc_v1_Commit__Output>
      ControllerMessage: MessageTypeDefinition<_pgsvc_v1_ControllerMessage, _pgsvc_v1_ControllerMessage__Output>
      Drift: MessageTypeDefinition<_pgsvc_v1_Drift, _pgsvc_v1_Drift__Output>
      Fault: MessageTypeDefinition<_pgsvc_v1_Fault, _pgsvc_v1_Fault__Output>
      FileRef: MessageTypeDefinition<_pgsvc_v1_FileRef, _pgsvc_v1_FileRef__Output>
      Follow: EnumTypeDefinition
      FollowTimings: MessageTypeDefinition<_pgsvc_v1_FollowTimings, _pgsvc_v1_FollowTimings__Output>
      Heartbeat: MessageTypeDefinition<_pgsvc_v1_Heartbeat, _pgsvc_v1_Heartbeat__Output>
      Hello: MessageTypeDefinition<_pgsvc_v1_Hello, _pgsvc_v1_Hello__Output>
      LeaderHint: MessageTypeDefinition<_pgsvc_v1_LeaderHint, _pgsvc_v1_LeaderHint__Output>
      LeaderReport: MessageTypeDefinition<_pgsvc_v1_LeaderReport, _pgsvc_v1_LeaderReport__Output>
      LeaderStep: EnumTypeDefinition
      LeaderView: MessageTypeDefinition<_pgsvc_v1_LeaderView, _pgsvc_v1_LeaderView__Output>
      LiveFile: MessageTypeDefinition<_pgsvc_v1_LiveFile, _pgsvc_v1_LiveFile__Output>
      Member: MessageTypeDefinition<_pgsvc_v1_Member, _pgsvc_v1_Member__Output>
      Nack: MessageTypeDefinition<_pgsvc_v1_Nack, _pgsvc_v1_Nack__Output>
      Observation: MessageTypeDefinition<_pgsvc_v1_Observation, _pgsvc_v1_Observation__Output>
      OldWorker: MessageTypeDefinition<_pgsvc_v1_OldWorker, _pgsvc_v1_OldWorker__Output>
      Prepare: MessageTypeDefinition<_pgsvc_v1_Prepare, _pgsvc_v1_Prepare__Output>
      Progress: MessageTypeDefinition<_pgsvc_v1_Progress, _pgsvc_v1_Progress__Output>
      QuarantinedOwner: MessageTypeDefinition<_pgsvc_v1_QuarantinedOwner, _pgsvc_v1_QuarantinedOwner__Output>
      Reload: MessageTypeDefinition<_pgsvc_v1_Reload, _pgsvc_v1_Reload__Output>
      RenewCertificate: MessageTypeDefinition<_pgsvc_v1_RenewCertificate, _pgsvc_v1_RenewCertificate__Output>
      Repair: MessageTypeDefinition<_pgsvc_v1_Repair, _pgsvc_v1_Repair__Output>
      ReplacedEdit: MessageTypeDefinition<_pgsvc_v1_ReplacedEdit, _pgsvc_v1_ReplacedEdit__Output>
      ServiceInfo: MessageTypeDefinition<_pgsvc_v1_ServiceInfo, _pgsvc_v1_ServiceInfo__Output>
      SignedCertificate: MessageTypeDefinition<_pgsvc_v1_SignedCertificate, _pgsvc_v1_SignedCertificate__Output>
      Snapshot: MessageTypeDefinition<_pgsvc_v1_Snapshot, _pgsvc_v1_Snapshot__Output>
      Stage: EnumTypeDefinition
      Standing: MessageTypeDefinition<_pgsvc_v1_Standing, _pgsvc_v1_Standing__Output>
      Timeline: MessageTypeDefinition<_pgsvc_v1_Timeline, _pgsvc_v1_Timeline__Output>
      Timings: MessageTypeDefinition<_pgsvc_v1_Timings, _pgsvc_v1_Timings__Output>
      Variant: MessageTypeDefinition<_pgsvc_v1_Variant, _pgsvc_v1_Variant__Output>
      Welcome: MessageTypeDefinition<_pgsvc_v1_Welcome, _pgsvc_v1_Welcome__Output>
    }
  }
}

