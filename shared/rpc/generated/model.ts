import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Assignment as _pgsvc_v1_Assignment, Assignment__Output as _pgsvc_v1_Assignment__Output } from './pgsvc/v1/Assignment.ts';
import type { Blob as _pgsvc_v1_Blob, Blob__Output as _pgsvc_v1_Blob__Output } from './pgsvc/v1/Blob.ts';
import type { Drift as _pgsvc_v1_Drift, Drift__Output as _pgsvc_v1_Drift__Output } from './pgsvc/v1/Drift.ts';
import type { Fault as _pgsvc_v1_Fault, Fault__Output as _pgsvc_v1_Fault__Output } from './pgsvc/v1/Fault.ts';
import type { FileRef as _pgsvc_v1_FileRef, FileRef__Output as _pgsvc_v1_FileRef__Output } from './pgsvc/v1/FileRef.ts';
import type { FollowTimings as _pgsvc_v1_FollowTimings, FollowTimings__Output as _pgsvc_v1_FollowTimings__Output } from './pgsvc/v1/FollowTimings.ts';
import type { LeaderView as _pgsvc_v1_LeaderView, LeaderView__Output as _pgsvc_v1_LeaderView__Output } from './pgsvc/v1/LeaderView.ts';
import type { LiveFile as _pgsvc_v1_LiveFile, LiveFile__Output as _pgsvc_v1_LiveFile__Output } from './pgsvc/v1/LiveFile.ts';
import type { Member as _pgsvc_v1_Member, Member__Output as _pgsvc_v1_Member__Output } from './pgsvc/v1/Member.ts';
import type { OldWorker as _pgsvc_v1_OldWorker, OldWorker__Output as _pgsvc_v1_OldWorker__Output } from './pgsvc/v1/OldWorker.ts';
import type { QuarantinedOwner as _pgsvc_v1_QuarantinedOwner, QuarantinedOwner__Output as _pgsvc_v1_QuarantinedOwner__Output } from './pgsvc/v1/QuarantinedOwner.ts';
import type { Reload as _pgsvc_v1_Reload, Reload__Output as _pgsvc_v1_Reload__Output } from './pgsvc/v1/Reload.ts';
import type { Repair as _pgsvc_v1_Repair, Repair__Output as _pgsvc_v1_Repair__Output } from './pgsvc/v1/Repair.ts';
import type { ServiceInfo as _pgsvc_v1_ServiceInfo, ServiceInfo__Output as _pgsvc_v1_ServiceInfo__Output } from './pgsvc/v1/ServiceInfo.ts';
import type { Snapshot as _pgsvc_v1_Snapshot, Snapshot__Output as _pgsvc_v1_Snapshot__Output } from './pgsvc/v1/Snapshot.ts';
import type { Timeline as _pgsvc_v1_Timeline, Timeline__Output as _pgsvc_v1_Timeline__Output } from './pgsvc/v1/Timeline.ts';
import type { Timings as _pgsvc_v1_Timings, Timings__Output as _pgsvc_v1_Timings__Output } from './pgsvc/v1/Timings.ts';
import type { Variant as _pgsvc_v1_Variant, Variant__Output as _pgsvc_v1_Variant__Output } from './pgsvc/v1/Variant.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  pgsvc: {
    v1: {
      Assignment: MessageTypeDefinition<_pgsvc_v1_Assignment, _pgsvc_v1_Assignment__Output>
      Blob: MessageTypeDefinition<_pgsvc_v1_Blob, _pgsvc_v1_Blob__Output>
      Change: EnumTypeDefinition
      Drift: MessageTypeDefinition<_pgsvc_v1_Drift, _pgsvc_v1_Drift__Output>
      Fault: MessageTypeDefinition<_pgsvc_v1_Fault, _pgsvc_v1_Fault__Output>
      FileRef: MessageTypeDefinition<_pgsvc_v1_FileRef, _pgsvc_v1_FileRef__Output>
      Follow: EnumTypeDefinition
      FollowTimings: MessageTypeDefinition<_pgsvc_v1_FollowTimings, _pgsvc_v1_FollowTimings__Output>
      LeaderStep: EnumTypeDefinition
      LeaderView: MessageTypeDefinition<_pgsvc_v1_LeaderView, _pgsvc_v1_LeaderView__Output>
      LiveFile: MessageTypeDefinition<_pgsvc_v1_LiveFile, _pgsvc_v1_LiveFile__Output>
      Member: MessageTypeDefinition<_pgsvc_v1_Member, _pgsvc_v1_Member__Output>
      OldWorker: MessageTypeDefinition<_pgsvc_v1_OldWorker, _pgsvc_v1_OldWorker__Output>
      QuarantinedOwner: MessageTypeDefinition<_pgsvc_v1_QuarantinedOwner, _pgsvc_v1_QuarantinedOwner__Output>
      Reload: MessageTypeDefinition<_pgsvc_v1_Reload, _pgsvc_v1_Reload__Output>
      Repair: MessageTypeDefinition<_pgsvc_v1_Repair, _pgsvc_v1_Repair__Output>
      ServiceInfo: MessageTypeDefinition<_pgsvc_v1_ServiceInfo, _pgsvc_v1_ServiceInfo__Output>
      Snapshot: MessageTypeDefinition<_pgsvc_v1_Snapshot, _pgsvc_v1_Snapshot__Output>
      Stage: EnumTypeDefinition
      Timeline: MessageTypeDefinition<_pgsvc_v1_Timeline, _pgsvc_v1_Timeline__Output>
      Timings: MessageTypeDefinition<_pgsvc_v1_Timings, _pgsvc_v1_Timings__Output>
      Variant: MessageTypeDefinition<_pgsvc_v1_Variant, _pgsvc_v1_Variant__Output>
    }
  }
}

