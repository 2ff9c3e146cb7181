import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Abort as _pgsvc_v1_Abort, Abort__Output as _pgsvc_v1_Abort__Output } from './pgsvc/v1/Abort.ts';
import type { Ack as _pgsvc_v1_Ack, Ack__Output as _pgsvc_v1_Ack__Output } from './pgsvc/v1/Ack.ts';
import type { Act as _pgsvc_v1_Act, Act__Output as _pgsvc_v1_Act__Output } from './pgsvc/v1/Act.ts';
import type { AdminServiceClient as _pgsvc_v1_AdminServiceClient, AdminServiceDefinition as _pgsvc_v1_AdminServiceDefinition } from './pgsvc/v1/AdminService.ts';
import type { AgentMessage as _pgsvc_v1_AgentMessage, AgentMessage__Output as _pgsvc_v1_AgentMessage__Output } from './pgsvc/v1/AgentMessage.ts';
import type { AgentServiceClient as _pgsvc_v1_AgentServiceClient, AgentServiceDefinition as _pgsvc_v1_AgentServiceDefinition } from './pgsvc/v1/AgentService.ts';
import type { AppliedOwner as _pgsvc_v1_AppliedOwner, AppliedOwner__Output as _pgsvc_v1_AppliedOwner__Output } from './pgsvc/v1/AppliedOwner.ts';
import type { Assignment as _pgsvc_v1_Assignment, Assignment__Output as _pgsvc_v1_Assignment__Output } from './pgsvc/v1/Assignment.ts';
import type { AuditRecord as _pgsvc_v1_AuditRecord, AuditRecord__Output as _pgsvc_v1_AuditRecord__Output } from './pgsvc/v1/AuditRecord.ts';
import type { AuditRequest as _pgsvc_v1_AuditRequest, AuditRequest__Output as _pgsvc_v1_AuditRequest__Output } from './pgsvc/v1/AuditRequest.ts';
import type { AuditResponse as _pgsvc_v1_AuditResponse, AuditResponse__Output as _pgsvc_v1_AuditResponse__Output } from './pgsvc/v1/AuditResponse.ts';
import type { Authority as _pgsvc_v1_Authority, Authority__Output as _pgsvc_v1_Authority__Output } from './pgsvc/v1/Authority.ts';
import type { Blob as _pgsvc_v1_Blob, Blob__Output as _pgsvc_v1_Blob__Output } from './pgsvc/v1/Blob.ts';
import type { Certificate as _pgsvc_v1_Certificate, Certificate__Output as _pgsvc_v1_Certificate__Output } from './pgsvc/v1/Certificate.ts';
import type { CertificateReport as _pgsvc_v1_CertificateReport, CertificateReport__Output as _pgsvc_v1_CertificateReport__Output } from './pgsvc/v1/CertificateReport.ts';
import type { CertificateRequest as _pgsvc_v1_CertificateRequest, CertificateRequest__Output as _pgsvc_v1_CertificateRequest__Output } from './pgsvc/v1/CertificateRequest.ts';
import type { CertificatesRequest as _pgsvc_v1_CertificatesRequest, CertificatesRequest__Output as _pgsvc_v1_CertificatesRequest__Output } from './pgsvc/v1/CertificatesRequest.ts';
import type { CertificatesResponse as _pgsvc_v1_CertificatesResponse, CertificatesResponse__Output as _pgsvc_v1_CertificatesResponse__Output } from './pgsvc/v1/CertificatesResponse.ts';
import type { ClusterLeader as _pgsvc_v1_ClusterLeader, ClusterLeader__Output as _pgsvc_v1_ClusterLeader__Output } from './pgsvc/v1/ClusterLeader.ts';
import type { Commit as _pgsvc_v1_Commit, Commit__Output as _pgsvc_v1_Commit__Output } from './pgsvc/v1/Commit.ts';
import type { Committed as _pgsvc_v1_Committed, Committed__Output as _pgsvc_v1_Committed__Output } from './pgsvc/v1/Committed.ts';
import type { ControllerMessage as _pgsvc_v1_ControllerMessage, ControllerMessage__Output as _pgsvc_v1_ControllerMessage__Output } from './pgsvc/v1/ControllerMessage.ts';
import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from './pgsvc/v1/Drift.ts';
import type { EndedAssignment as _pgsvc_v1_EndedAssignment, EndedAssignment__Output as _pgsvc_v1_EndedAssignment__Output } from './pgsvc/v1/EndedAssignment.ts';
import type { EtcdWatch as _pgsvc_v1_EtcdWatch, EtcdWatch__Output as _pgsvc_v1_EtcdWatch__Output } from './pgsvc/v1/EtcdWatch.ts';
import type { Event as _pgsvc_v1_Event, Event__Output as _pgsvc_v1_Event__Output } from './pgsvc/v1/Event.ts';
import type { EventsRequest as _pgsvc_v1_EventsRequest, EventsRequest__Output as _pgsvc_v1_EventsRequest__Output } from './pgsvc/v1/EventsRequest.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from './pgsvc/v1/Fault.ts';
import type { FileDiff as _pgsvc_v1_FileDiff, FileDiff__Output as _pgsvc_v1_FileDiff__Output } from './pgsvc/v1/FileDiff.ts';
import type { FileRef as _pgsvc_v1_FileRef, FileRef__Output as _pgsvc_v1_FileRef__Output } from './pgsvc/v1/FileRef.ts';
import type { FollowTimings as _pgsvc_v1_FollowTimings, FollowTimings__Output as _pgsvc_v1_FollowTimings__Output } from './pgsvc/v1/FollowTimings.ts';
import type { ForgetRequest as _pgsvc_v1_ForgetRequest, ForgetRequest__Output as _pgsvc_v1_ForgetRequest__Output } from './pgsvc/v1/ForgetRequest.ts';
import type { ForgetResponse as _pgsvc_v1_ForgetResponse, ForgetResponse__Output as _pgsvc_v1_ForgetResponse__Output } from './pgsvc/v1/ForgetResponse.ts';
import type { ForgottenNode as _pgsvc_v1_ForgottenNode, ForgottenNode__Output as _pgsvc_v1_ForgottenNode__Output } from './pgsvc/v1/ForgottenNode.ts';
import type { Heartbeat as _pgsvc_v1_Heartbeat, Heartbeat__Output as _pgsvc_v1_Heartbeat__Output } from './pgsvc/v1/Heartbeat.ts';
import type { Hello as _pgsvc_v1_Hello, Hello__Output as _pgsvc_v1_Hello__Output } from './pgsvc/v1/Hello.ts';
import type { HistoryRequest as _pgsvc_v1_HistoryRequest, HistoryRequest__Output as _pgsvc_v1_HistoryRequest__Output } from './pgsvc/v1/HistoryRequest.ts';
import type { HistoryResponse as _pgsvc_v1_HistoryResponse, HistoryResponse__Output as _pgsvc_v1_HistoryResponse__Output } from './pgsvc/v1/HistoryResponse.ts';
import type { LeaderHint as _pgsvc_v1_LeaderHint, LeaderHint__Output as _pgsvc_v1_LeaderHint__Output } from './pgsvc/v1/LeaderHint.ts';
import type { LeaderReport as _pgsvc_v1_LeaderReport, LeaderReport__Output as _pgsvc_v1_LeaderReport__Output } from './pgsvc/v1/LeaderReport.ts';
import type { LeaderView as _pgsvc_v1_LeaderView, LeaderView__Output as _pgsvc_v1_LeaderView__Output } from './pgsvc/v1/LeaderView.ts';
import type { LeadersRequest as _pgsvc_v1_LeadersRequest, LeadersRequest__Output as _pgsvc_v1_LeadersRequest__Output } from './pgsvc/v1/LeadersRequest.ts';
import type { LeadersResponse as _pgsvc_v1_LeadersResponse, LeadersResponse__Output as _pgsvc_v1_LeadersResponse__Output } from './pgsvc/v1/LeadersResponse.ts';
import type { LiveFile as _pgsvc_v1_LiveFile, LiveFile__Output as _pgsvc_v1_LiveFile__Output } from './pgsvc/v1/LiveFile.ts';
import type { Member as _pgsvc_v1_Member, Member__Output as _pgsvc_v1_Member__Output } from './pgsvc/v1/Member.ts';
import type { Nack as _pgsvc_v1_Nack, Nack__Output as _pgsvc_v1_Nack__Output } from './pgsvc/v1/Nack.ts';
import type { NodeLeader as _pgsvc_v1_NodeLeader, NodeLeader__Output as _pgsvc_v1_NodeLeader__Output } from './pgsvc/v1/NodeLeader.ts';
import type { NodeProgress as _pgsvc_v1_NodeProgress, NodeProgress__Output as _pgsvc_v1_NodeProgress__Output } from './pgsvc/v1/NodeProgress.ts';
import type { NodeResult as _pgsvc_v1_NodeResult, NodeResult__Output as _pgsvc_v1_NodeResult__Output } from './pgsvc/v1/NodeResult.ts';
import type { NodeStatus as _pgsvc_v1_NodeStatus, NodeStatus__Output as _pgsvc_v1_NodeStatus__Output } from './pgsvc/v1/NodeStatus.ts';
import type { Notice as _pgsvc_v1_Notice, Notice__Output as _pgsvc_v1_Notice__Output } from './pgsvc/v1/Notice.ts';
import type { Observation as _pgsvc_v1_Observation, Observation__Output as _pgsvc_v1_Observation__Output } from './pgsvc/v1/Observation.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from './pgsvc/v1/OldWorker.ts';
import type { OwnerNodeStatus as _pgsvc_v1_OwnerNodeStatus, OwnerNodeStatus__Output as _pgsvc_v1_OwnerNodeStatus__Output } from './pgsvc/v1/OwnerNodeStatus.ts';
import type { OwnerRevision as _pgsvc_v1_OwnerRevision, OwnerRevision__Output as _pgsvc_v1_OwnerRevision__Output } from './pgsvc/v1/OwnerRevision.ts';
import type { OwnerStatus as _pgsvc_v1_OwnerStatus, OwnerStatus__Output as _pgsvc_v1_OwnerStatus__Output } from './pgsvc/v1/OwnerStatus.ts';
import type { OwnerTarget as _pgsvc_v1_OwnerTarget, OwnerTarget__Output as _pgsvc_v1_OwnerTarget__Output } from './pgsvc/v1/OwnerTarget.ts';
import type { Prepare as _pgsvc_v1_Prepare, Prepare__Output as _pgsvc_v1_Prepare__Output } from './pgsvc/v1/Prepare.ts';
import type { Progress as _pgsvc_v1_Progress, Progress__Output as _pgsvc_v1_Progress__Output } from './pgsvc/v1/Progress.ts';
import type { PublishEvent as _pgsvc_v1_PublishEvent, PublishEvent__Output as _pgsvc_v1_PublishEvent__Output } from './pgsvc/v1/PublishEvent.ts';
import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from './pgsvc/v1/PublishOptions.ts';
import type { PublishRequest as _pgsvc_v1_PublishRequest, PublishRequest__Output as _pgsvc_v1_PublishRequest__Output } from './pgsvc/v1/PublishRequest.ts';
import type { PublishResult as _pgsvc_v1_PublishResult, PublishResult__Output as _pgsvc_v1_PublishResult__Output } from './pgsvc/v1/PublishResult.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from './pgsvc/v1/QuarantinedOwner.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from './pgsvc/v1/Reload.ts';
import type { RemoveRequest as _pgsvc_v1_RemoveRequest, RemoveRequest__Output as _pgsvc_v1_RemoveRequest__Output } from './pgsvc/v1/RemoveRequest.ts';
import type { RenewCertificate as _pgsvc_v1_RenewCertificate, RenewCertificate__Output as _pgsvc_v1_RenewCertificate__Output } from './pgsvc/v1/RenewCertificate.ts';
import type { RenewRequest as _pgsvc_v1_RenewRequest, RenewRequest__Output as _pgsvc_v1_RenewRequest__Output } from './pgsvc/v1/RenewRequest.ts';
import type { RenewResponse as _pgsvc_v1_RenewResponse, RenewResponse__Output as _pgsvc_v1_RenewResponse__Output } from './pgsvc/v1/RenewResponse.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from './pgsvc/v1/Repair.ts';
import type { ReplacedEdit as _pgsvc_v1_ReplacedEdit, ReplacedEdit__Output as _pgsvc_v1_ReplacedEdit__Output } from './pgsvc/v1/ReplacedEdit.ts';
import type { Revision as _pgsvc_v1_Revision, Revision__Output as _pgsvc_v1_Revision__Output } from './pgsvc/v1/Revision.ts';
import type { Revocation as _pgsvc_v1_Revocation, Revocation__Output as _pgsvc_v1_Revocation__Output } from './pgsvc/v1/Revocation.ts';
import type { RevokeNodeRequest as _pgsvc_v1_RevokeNodeRequest, RevokeNodeRequest__Output as _pgsvc_v1_RevokeNodeRequest__Output } from './pgsvc/v1/RevokeNodeRequest.ts';
import type { RevokeOperatorRequest as _pgsvc_v1_RevokeOperatorRequest, RevokeOperatorRequest__Output as _pgsvc_v1_RevokeOperatorRequest__Output } from './pgsvc/v1/RevokeOperatorRequest.ts';
import type { RevokeResponse as _pgsvc_v1_RevokeResponse, RevokeResponse__Output as _pgsvc_v1_RevokeResponse__Output } from './pgsvc/v1/RevokeResponse.ts';
import type { RollbackRequest as _pgsvc_v1_RollbackRequest, RollbackRequest__Output as _pgsvc_v1_RollbackRequest__Output } from './pgsvc/v1/RollbackRequest.ts';
import type { ServiceInfo as _pgsvc_v1_ServiceInfo, ServiceInfo__Output as _pgsvc_v1_ServiceInfo__Output } from './pgsvc/v1/ServiceInfo.ts';
import type { SignNodeRequest as _pgsvc_v1_SignNodeRequest, SignNodeRequest__Output as _pgsvc_v1_SignNodeRequest__Output } from './pgsvc/v1/SignNodeRequest.ts';
import type { SignNodeResponse as _pgsvc_v1_SignNodeResponse, SignNodeResponse__Output as _pgsvc_v1_SignNodeResponse__Output } from './pgsvc/v1/SignNodeResponse.ts';
import type { SignedCertificate as _pgsvc_v1_SignedCertificate, SignedCertificate__Output as _pgsvc_v1_SignedCertificate__Output } from './pgsvc/v1/SignedCertificate.ts';
import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from './pgsvc/v1/Snapshot.ts';
import type { Standing as _pgsvc_v1_Standing, Standing__Output as _pgsvc_v1_Standing__Output } from './pgsvc/v1/Standing.ts';
import type { StatusRequest as _pgsvc_v1_StatusRequest, StatusRequest__Output as _pgsvc_v1_StatusRequest__Output } from './pgsvc/v1/StatusRequest.ts';
import type { StatusResponse as _pgsvc_v1_StatusResponse, StatusResponse__Output as _pgsvc_v1_StatusResponse__Output } from './pgsvc/v1/StatusResponse.ts';
import type { Targets as _pgsvc_v1_Targets, Targets__Output as _pgsvc_v1_Targets__Output } from './pgsvc/v1/Targets.ts';
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
      Act: MessageTypeDefinition<_pgsvc_v1_Act, _pgsvc_v1_Act__Output>
      /**
       * What operators call: over the controller's local unix socket, or with an operator's certificate.
       */
      AdminService: SubtypeConstructor<typeof grpc.Client, _pgsvc_v1_AdminServiceClient> & { service: _pgsvc_v1_AdminServiceDefinition }
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
      AuditRecord: MessageTypeDefinition<_pgsvc_v1_AuditRecord, _pgsvc_v1_AuditRecord__Output>
      AuditRequest: MessageTypeDefinition<_pgsvc_v1_AuditRequest, _pgsvc_v1_AuditRequest__Output>
      AuditResponse: MessageTypeDefinition<_pgsvc_v1_AuditResponse, _pgsvc_v1_AuditResponse__Output>
      Authority: MessageTypeDefinition<_pgsvc_v1_Authority, _pgsvc_v1_Authority__Output>
      Blob: MessageTypeDefinition<_pgsvc_v1_Blob, _pgsvc_v1_Blob__Output>
      Certificate: MessageTypeDefinition<_pgsvc_v1_Certificate, _pgsvc_v1_Certificate__Output>
      CertificateReport: MessageTypeDefinition<_pgsvc_v1_CertificateReport, _pgsvc_v1_CertificateReport__Output>
      CertificateRequest: MessageTypeDefinition<_pgsvc_v1_CertificateRequest, _pgsvc_v1_CertificateRequest__Output>
      CertificateState: EnumTypeDefinition
      CertificatesRequest: MessageTypeDefinition<_pgsvc_v1_CertificatesRequest, _pgsvc_v1_CertificatesRequest__Output>
      CertificatesResponse: MessageTypeDefinition<_pgsvc_v1_CertificatesResponse, _pgsvc_v1_CertificatesResponse__Output>
      Change: EnumTypeDefinition
      ClusterLeader: MessageTypeDefinition<_pgsvc_v1_ClusterLeader, _pgsvc_v1_ClusterLeader__Output>
      Commit: MessageTypeDefinition<_pgsvc_v1_Commit, _pgsvc_v1_Commit__Output>
      Committed: MessageTypeDefinition<_pgsvc_v1_Committed, _pgsvc_v1_Committed__Output>
      ControllerMessage: MessageTypeDefinition<_pgsvc_v1_ControllerMessage, _pgsvc_v1_ControllerMessage__Output>
      Drift: MessageTypeDefinition<_pgsvc_v1_Drift, _pgsvc_v1_Drift__Output>
      EndedAssignment: MessageTypeDefinition<_pgsvc_v1_EndedAssignment, _pgsvc_v1_EndedAssignment__Output>
      EtcdWatch: MessageTypeDefinition<_pgsvc_v1_EtcdWatch, _pgsvc_v1_EtcdWatch__Output>
      Event: MessageTypeDefinition<_pgsvc_v1_Event, _pgsvc_v1_Event__Output>
      EventsRequest: MessageTypeDefinition<_pgsvc_v1_EventsRequest, _pgsvc_v1_EventsRequest__Output>
      Fault: MessageTypeDefinition<_pgsvc_v1_Fault, _pgsvc_v1_Fault__Output>
      FileDiff: MessageTypeDefinition<_pgsvc_v1_FileDiff, _pgsvc_v1_FileDiff__Output>
      FileRef: MessageTypeDefinition<_pgsvc_v1_FileRef, _pgsvc_v1_FileRef__Output>
      Follow: EnumTypeDefinition
      FollowTimings: MessageTypeDefinition<_pgsvc_v1_FollowTimings, _pgsvc_v1_FollowTimings__Output>
      ForgetRequest: MessageTypeDefinition<_pgsvc_v1_ForgetRequest, _pgsvc_v1_ForgetRequest__Output>
      ForgetResponse: MessageTypeDefinition<_pgsvc_v1_ForgetResponse, _pgsvc_v1_ForgetResponse__Output>
      ForgottenNode: MessageTypeDefinition<_pgsvc_v1_ForgottenNode, _pgsvc_v1_ForgottenNode__Output>
      Heartbeat: MessageTypeDefinition<_pgsvc_v1_Heartbeat, _pgsvc_v1_Heartbeat__Output>
      Hello: MessageTypeDefinition<_pgsvc_v1_Hello, _pgsvc_v1_Hello__Output>
      HistoryRequest: MessageTypeDefinition<_pgsvc_v1_HistoryRequest, _pgsvc_v1_HistoryRequest__Output>
      HistoryResponse: MessageTypeDefinition<_pgsvc_v1_HistoryResponse, _pgsvc_v1_HistoryResponse__Output>
      LeaderHint: MessageTypeDefinition<_pgsvc_v1_LeaderHint, _pgsvc_v1_LeaderHint__Output>
      LeaderReport: MessageTypeDefinition<_pgsvc_v1_LeaderReport, _pgsvc_v1_LeaderReport__Output>
      LeaderStep: EnumTypeDefinition
      LeaderView: MessageTypeDefinition<_pgsvc_v1_LeaderView, _pgsvc_v1_LeaderView__Output>
      LeadersRequest: MessageTypeDefinition<_pgsvc_v1_LeadersRequest, _pgsvc_v1_LeadersRequest__Output>
      LeadersResponse: MessageTypeDefinition<_pgsvc_v1_LeadersResponse, _pgsvc_v1_LeadersResponse__Output>
      LiveFile: MessageTypeDefinition<_pgsvc_v1_LiveFile, _pgsvc_v1_LiveFile__Output>
      Member: MessageTypeDefinition<_pgsvc_v1_Member, _pgsvc_v1_Member__Output>
      Nack: MessageTypeDefinition<_pgsvc_v1_Nack, _pgsvc_v1_Nack__Output>
      NodeLeader: MessageTypeDefinition<_pgsvc_v1_NodeLeader, _pgsvc_v1_NodeLeader__Output>
      NodeOutcome: EnumTypeDefinition
      NodeProgress: MessageTypeDefinition<_pgsvc_v1_NodeProgress, _pgsvc_v1_NodeProgress__Output>
      NodeResult: MessageTypeDefinition<_pgsvc_v1_NodeResult, _pgsvc_v1_NodeResult__Output>
      NodeStatus: MessageTypeDefinition<_pgsvc_v1_NodeStatus, _pgsvc_v1_NodeStatus__Output>
      Notice: MessageTypeDefinition<_pgsvc_v1_Notice, _pgsvc_v1_Notice__Output>
      Observation: MessageTypeDefinition<_pgsvc_v1_Observation, _pgsvc_v1_Observation__Output>
      OldWorker: MessageTypeDefinition<_pgsvc_v1_OldWorker, _pgsvc_v1_OldWorker__Output>
      OwnerNodeStatus: MessageTypeDefinition<_pgsvc_v1_OwnerNodeStatus, _pgsvc_v1_OwnerNodeStatus__Output>
      OwnerRevision: MessageTypeDefinition<_pgsvc_v1_OwnerRevision, _pgsvc_v1_OwnerRevision__Output>
      OwnerStatus: MessageTypeDefinition<_pgsvc_v1_OwnerStatus, _pgsvc_v1_OwnerStatus__Output>
      OwnerTarget: MessageTypeDefinition<_pgsvc_v1_OwnerTarget, _pgsvc_v1_OwnerTarget__Output>
      Prepare: MessageTypeDefinition<_pgsvc_v1_Prepare, _pgsvc_v1_Prepare__Output>
      Progress: MessageTypeDefinition<_pgsvc_v1_Progress, _pgsvc_v1_Progress__Output>
      PublishEvent: MessageTypeDefinition<_pgsvc_v1_PublishEvent, _pgsvc_v1_PublishEvent__Output>
      PublishOptions: MessageTypeDefinition<_pgsvc_v1_PublishOptions, _pgsvc_v1_PublishOptions__Output>
      PublishRequest: MessageTypeDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishRequest__Output>
      PublishResult: MessageTypeDefinition<_pgsvc_v1_PublishResult, _pgsvc_v1_PublishResult__Output>
      QuarantinedOwner: MessageTypeDefinition<_pgsvc_v1_QuarantinedOwner, _pgsvc_v1_QuarantinedOwner__Output>
      Reload: MessageTypeDefinition<_pgsvc_v1_Reload, _pgsvc_v1_Reload__Output>
      RemoveRequest: MessageTypeDefinition<_pgsvc_v1_RemoveRequest, _pgsvc_v1_RemoveRequest__Output>
      RenewCertificate: MessageTypeDefinition<_pgsvc_v1_RenewCertificate, _pgsvc_v1_RenewCertificate__Output>
      RenewRequest: MessageTypeDefinition<_pgsvc_v1_RenewRequest, _pgsvc_v1_RenewRequest__Output>
      RenewResponse: MessageTypeDefinition<_pgsvc_v1_RenewResponse, _pgsvc_v1_RenewResponse__Output>
      Repair: MessageTypeDefinition<_pgsvc_v1_Repair, _pgsvc_v1_Repair__Output>
      ReplacedEdit: MessageTypeDefinition<_pgsvc_v1_ReplacedEdit, _pgsvc_v1_ReplacedEdit__Output>
      Revision: MessageTypeDefinition<_pgsvc_v1_Revision, _pgsvc_v1_Revision__Output>
      Revocation: MessageTypeDefinition<_pgsvc_v1_Revocation, _pgsvc_v1_Revocation__Output>
      RevokeNodeRequest: MessageTypeDefinition<_pgsvc_v1_RevokeNodeRequest, _pgsvc_v1_RevokeNodeRequest__Output>
      RevokeOperatorRequest: MessageTypeDefinition<_pgsvc_v1_RevokeOperatorRequest, _pgsvc_v1_RevokeOperatorRequest__Output>
      RevokeResponse: MessageTypeDefinition<_pgsvc_v1_RevokeResponse, _pgsvc_v1_RevokeResponse__Output>
      RollbackRequest: MessageTypeDefinition<_pgsvc_v1_RollbackRequest, _pgsvc_v1_RollbackRequest__Output>
      ServiceInfo: MessageTypeDefinition<_pgsvc_v1_ServiceInfo, _pgsvc_v1_ServiceInfo__Output>
      SignNodeRequest: MessageTypeDefinition<_pgsvc_v1_SignNodeRequest, _pgsvc_v1_SignNodeRequest__Output>
      SignNodeResponse: MessageTypeDefinition<_pgsvc_v1_SignNodeResponse, _pgsvc_v1_SignNodeResponse__Output>
      SignedCertificate: MessageTypeDefinition<_pgsvc_v1_SignedCertificate, _pgsvc_v1_SignedCertificate__Output>
      Snapshot: MessageTypeDefinition<_pgsvc_v1_Snapshot, _pgsvc_v1_Snapshot__Output>
      Stage: EnumTypeDefinition
      Standing: MessageTypeDefinition<_pgsvc_v1_Standing, _pgsvc_v1_Standing__Output>
      StatusRequest: MessageTypeDefinition<_pgsvc_v1_StatusRequest, _pgsvc_v1_StatusRequest__Output>
      StatusResponse: MessageTypeDefinition<_pgsvc_v1_StatusResponse, _pgsvc_v1_StatusResponse__Output>
      Targets: MessageTypeDefinition<_pgsvc_v1_Targets, _pgsvc_v1_Targets__Output>
      Timeline: MessageTypeDefinition<_pgsvc_v1_Timeline, _pgsvc_v1_Timeline__Output>
      Timings: MessageTypeDefinition<_pgsvc_v1_Timings, _pgsvc_v1_Timings__Output>
      Variant: MessageTypeDefinition<_pgsvc_v1_Variant, _pgsvc_v1_Variant__Output>
      Welcome: MessageTypeDefinition<_pgsvc_v1_Welcome, _pgsvc_v1_Welcome__Output>
    }
  }
}

