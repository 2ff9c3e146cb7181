import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Act as _pgsvc_v1_Act, Act__Output as _pgsvc_v1_Act__Output } from './pgsvc/v1/Act.ts';
import type { AdminServiceClient as _pgsvc_v1_AdminServiceClient, AdminServiceDefinition as _pgsvc_v1_AdminServiceDefinition } from './pgsvc/v1/AdminService.ts';
import type { Assignment as _pgsvc_v1_Assignment, Assignment__Output as _pgsvc_v1_Assignment__Output } from './pgsvc/v1/Assignment.ts';
import type { Blob as _pgsvc_v1_Blob, Blob__Output as _pgsvc_v1_Blob__Output } from './pgsvc/v1/Blob.ts';
import type { Committed as _pgsvc_v1_Committed, Committed__Output as _pgsvc_v1_Committed__Output } from './pgsvc/v1/Committed.ts';
import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from './pgsvc/v1/Drift.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from './pgsvc/v1/Fault.ts';
import type { FileDiff as _pgsvc_v1_FileDiff, FileDiff__Output as _pgsvc_v1_FileDiff__Output } from './pgsvc/v1/FileDiff.ts';
import type { FileRef as _pgsvc_v1_FileRef, FileRef__Output as _pgsvc_v1_FileRef__Output } from './pgsvc/v1/FileRef.ts';
import type { HistoryRequest as _pgsvc_v1_HistoryRequest, HistoryRequest__Output as _pgsvc_v1_HistoryRequest__Output } from './pgsvc/v1/HistoryRequest.ts';
import type { HistoryResponse as _pgsvc_v1_HistoryResponse, HistoryResponse__Output as _pgsvc_v1_HistoryResponse__Output } from './pgsvc/v1/HistoryResponse.ts';
import type { LiveFile as _pgsvc_v1_LiveFile, LiveFile__Output as _pgsvc_v1_LiveFile__Output } from './pgsvc/v1/LiveFile.ts';
import type { Member as _pgsvc_v1_Member, Member__Output as _pgsvc_v1_Member__Output } from './pgsvc/v1/Member.ts';
import type { NodeProgress as _pgsvc_v1_NodeProgress, NodeProgress__Output as _pgsvc_v1_NodeProgress__Output } from './pgsvc/v1/NodeProgress.ts';
import type { NodeResult as _pgsvc_v1_NodeResult, NodeResult__Output as _pgsvc_v1_NodeResult__Output } from './pgsvc/v1/NodeResult.ts';
import type { NodeStatus as _pgsvc_v1_NodeStatus, NodeStatus__Output as _pgsvc_v1_NodeStatus__Output } from './pgsvc/v1/NodeStatus.ts';
import type { Notice as _pgsvc_v1_Notice, Notice__Output as _pgsvc_v1_Notice__Output } from './pgsvc/v1/Notice.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from './pgsvc/v1/OldWorker.ts';
import type { OwnerNodeStatus as _pgsvc_v1_OwnerNodeStatus, OwnerNodeStatus__Output as _pgsvc_v1_OwnerNodeStatus__Output } from './pgsvc/v1/OwnerNodeStatus.ts';
import type { OwnerRevision as _pgsvc_v1_OwnerRevision, OwnerRevision__Output as _pgsvc_v1_OwnerRevision__Output } from './pgsvc/v1/OwnerRevision.ts';
import type { OwnerStatus as _pgsvc_v1_OwnerStatus, OwnerStatus__Output as _pgsvc_v1_OwnerStatus__Output } from './pgsvc/v1/OwnerStatus.ts';
import type { OwnerTarget as _pgsvc_v1_OwnerTarget, OwnerTarget__Output as _pgsvc_v1_OwnerTarget__Output } from './pgsvc/v1/OwnerTarget.ts';
import type { PublishEvent as _pgsvc_v1_PublishEvent, PublishEvent__Output as _pgsvc_v1_PublishEvent__Output } from './pgsvc/v1/PublishEvent.ts';
import type { PublishOptions as _pgsvc_v1_PublishOptions, PublishOptions__Output as _pgsvc_v1_PublishOptions__Output } from './pgsvc/v1/PublishOptions.ts';
import type { PublishRequest as _pgsvc_v1_PublishRequest, PublishRequest__Output as _pgsvc_v1_PublishRequest__Output } from './pgsvc/v1/PublishRequest.ts';
import type { PublishResult as _pgsvc_v1_PublishResult, PublishResult__Output as _pgsvc_v1_PublishResult__Output } from './pgsvc/v1/PublishResult.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from './pgsvc/v1/QuarantinedOwner.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from './pgsvc/v1/Reload.ts';
import type { RemoveRequest as _pgsvc_v1_RemoveRequest, RemoveRequest__Output as _pgsvc_v1_RemoveRequest__Output } from './pgsvc/v1/RemoveRequest.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from './pgsvc/v1/Repair.ts';
import type { Revision as _pgsvc_v1_Revision, Revision__Output as _pgsvc_v1_Revision__Output } from './pgsvc/v1/Revision.ts';
import type { RollbackRequest as _pgsvc_v1_RollbackRequest, RollbackRequest__Output as _pgsvc_v1_RollbackRequest__Output } from './pgsvc/v1/RollbackRequest.ts';
import type { ServiceInfo as _pgsvc_v1_ServiceInfo, ServiceInfo__Output as _pgsvc_v1_ServiceInfo__Output } from './pgsvc/v1/ServiceInfo.ts';
import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from './pgsvc/v1/Snapshot.ts';
import type { StatusRequest as _pgsvc_v1_StatusRequest, StatusRequest__Output as _pgsvc_v1_StatusRequest__Output } from './pgsvc/v1/StatusRequest.ts';
import type { StatusResponse as _pgsvc_v1_StatusResponse, StatusResponse__Output as _pgsvc_v1_StatusResponse__Output } from './pgsvc/v1/StatusResponse.ts';
import type { Targets as _pgsvc_v1_Targets, Targets__Output as _pgsvc_v1_Targets__Output } from './pgsvc/v1/Targets.ts';
import type { Timings as _pgsvc_v1_Timings, Timings__Output as _pgsvc_v1_Timings__Output } from './pgsvc/v1/Timings.ts';
import type { Variant as _pgsvc_v1_Variant, Variant__Output as _pgsvc_v1_Variant__Output } from './pgsvc/v1/Variant.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  pgsvc: {
    v1: {
      Act: MessageTypeDefinition<_pgsvc_v1_Act, _pgsvc_v1_Act__Output>
      /**
       * What operators call: over the controller's local unix socket, or with an operator's certificate.
       */
      AdminService: SubtypeConstructor<typeof grpc.Client, _pgsvc_v1_AdminServiceClient> & { service: _pgsvc_v1_AdminServiceDefinition }
      Assignment: MessageTypeDefinition<_pgsvc_v1_Assignment, _pgsvc_v1_Assignment__Output>
      Blob: MessageTypeDefinition<_pgsvc_v1_Blob, _pgsvc_v1_Blob__Output>
      Change: EnumTypeDefinition
      Committed: MessageTypeDefinition<_pgsvc_v1_Committed, _pgsvc_v1_Committed__Output>
      Drift: MessageTypeDefinition<_pgsvc_v1_Drift, _pgsvc_v1_Drift__Output>
      Fault: MessageTypeDefinition<_pgsvc_v1_Fault, _pgsvc_v1_Fault__Output>
      FileDiff: MessageTypeDefinition<_pgsvc_v1_FileDiff, _pgsvc_v1_FileDiff__Output>
      FileRef: MessageTypeDefinition<_pgsvc_v1_FileRef, _pgsvc_v1_FileRef__Output>
      Follow: EnumTypeDefinition
      HistoryRequest: MessageTypeDefinition<_pgsvc_v1_HistoryRequest, _pgsvc_v1_HistoryRequest__Output>
      HistoryResponse: MessageTypeDefinition<_pgsvc_v1_HistoryResponse, _pgsvc_v1_HistoryResponse__Output>
      LiveFile: MessageTypeDefinition<_pgsvc_v1_LiveFile, _pgsvc_v1_LiveFile__Output>
      Member: MessageTypeDefinition<_pgsvc_v1_Member, _pgsvc_v1_Member__Output>
      NodeOutcome: EnumTypeDefinition
      NodeProgress: MessageTypeDefinition<_pgsvc_v1_NodeProgress, _pgsvc_v1_NodeProgress__Output>
      NodeResult: MessageTypeDefinition<_pgsvc_v1_NodeResult, _pgsvc_v1_NodeResult__Output>
      NodeStatus: MessageTypeDefinition<_pgsvc_v1_NodeStatus, _pgsvc_v1_NodeStatus__Output>
      Notice: MessageTypeDefinition<_pgsvc_v1_Notice, _pgsvc_v1_Notice__Output>
      OldWorker: MessageTypeDefinition<_pgsvc_v1_OldWorker, _pgsvc_v1_OldWorker__Output>
      OwnerNodeStatus: MessageTypeDefinition<_pgsvc_v1_OwnerNodeStatus, _pgsvc_v1_OwnerNodeStatus__Output>
      OwnerRevision: MessageTypeDefinition<_pgsvc_v1_OwnerRevision, _pgsvc_v1_OwnerRevision__Output>
      OwnerStatus: MessageTypeDefinition<_pgsvc_v1_OwnerStatus, _pgsvc_v1_OwnerStatus__Output>
      OwnerTarget: MessageTypeDefinition<_pgsvc_v1_OwnerTarget, _pgsvc_v1_OwnerTarget__Output>
      PublishEvent: MessageTypeDefinition<_pgsvc_v1_PublishEvent, _pgsvc_v1_PublishEvent__Output>
      PublishOptions: MessageTypeDefinition<_pgsvc_v1_PublishOptions, _pgsvc_v1_PublishOptions__Output>
      PublishRequest: MessageTypeDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishRequest__Output>
      PublishResult: MessageTypeDefinition<_pgsvc_v1_PublishResult, _pgsvc_v1_PublishResult__Output>
      QuarantinedOwner: MessageTypeDefinition<_pgsvc_v1_QuarantinedOwner, _pgsvc_v1_QuarantinedOwner__Output>
      Reload: MessageTypeDefinition<_pgsvc_v1_Reload, _pgsvc_v1_Reload__Output>
      RemoveRequest: MessageTypeDefinition<_pgsvc_v1_RemoveRequest, _pgsvc_v1_RemoveRequest__Output>
      Repair: MessageTypeDefinition<_pgsvc_v1_Repair, _pgsvc_v1_Repair__Output>
      Revision: MessageTypeDefinition<_pgsvc_v1_Revision, _pgsvc_v1_Revision__Output>
      RollbackRequest: MessageTypeDefinition<_pgsvc_v1_RollbackRequest, _pgsvc_v1_RollbackRequest__Output>
      ServiceInfo: MessageTypeDefinition<_pgsvc_v1_ServiceInfo, _pgsvc_v1_ServiceInfo__Output>
      Snapshot: MessageTypeDefinition<_pgsvc_v1_Snapshot, _pgsvc_v1_Snapshot__Output>
      Stage: EnumTypeDefinition
      StatusRequest: MessageTypeDefinition<_pgsvc_v1_StatusRequest, _pgsvc_v1_StatusRequest__Output>
      StatusResponse: MessageTypeDefinition<_pgsvc_v1_StatusResponse, _pgsvc_v1_StatusResponse__Output>
      Targets: MessageTypeDefinition<_pgsvc_v1_Targets, _pgsvc_v1_Targets__Output>
      Timings: MessageTypeDefinition<_pgsvc_v1_Timings, _pgsvc_v1_Timings__Output>
      Variant: MessageTypeDefinition<_pgsvc_v1_Variant, _pgsvc_v1_Variant__Output>
    }
  }
}

