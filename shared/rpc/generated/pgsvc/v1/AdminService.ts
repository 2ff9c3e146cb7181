// Original file: proto/pgsvc/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { Event as _pgsvc_v1_Event, Event__Output as _pgsvc_v1_Event__Output } from '../../pgsvc/v1/Event.ts';
import type { EventsRequest as _pgsvc_v1_EventsRequest, EventsRequest__Output as _pgsvc_v1_EventsRequest__Output } from '../../pgsvc/v1/EventsRequest.ts';
import type { HistoryRequest as _pgsvc_v1_HistoryRequest, HistoryRequest__Output as _pgsvc_v1_HistoryRequest__Output } from '../../pgsvc/v1/HistoryRequest.ts';
import type { HistoryResponse as _pgsvc_v1_HistoryResponse, HistoryResponse__Output as _pgsvc_v1_HistoryResponse__Output } from '../../pgsvc/v1/HistoryResponse.ts';
import type { LeadersRequest as _pgsvc_v1_LeadersRequest, LeadersRequest__Output as _pgsvc_v1_LeadersRequest__Output } from '../../pgsvc/v1/LeadersRequest.ts';
import type { LeadersResponse as _pgsvc_v1_LeadersResponse, LeadersResponse__Output as _pgsvc_v1_LeadersResponse__Output } from '../../pgsvc/v1/LeadersResponse.ts';
import type { PublishEvent as _pgsvc_v1_PublishEvent, PublishEvent__Output as _pgsvc_v1_PublishEvent__Output } from '../../pgsvc/v1/PublishEvent.ts';
import type { PublishRequest as _pgsvc_v1_PublishRequest, PublishRequest__Output as _pgsvc_v1_PublishRequest__Output } from '../../pgsvc/v1/PublishRequest.ts';
import type { RemoveRequest as _pgsvc_v1_RemoveRequest, RemoveRequest__Output as _pgsvc_v1_RemoveRequest__Output } from '../../pgsvc/v1/RemoveRequest.ts';
import type { RollbackRequest as _pgsvc_v1_RollbackRequest, RollbackRequest__Output as _pgsvc_v1_RollbackRequest__Output } from '../../pgsvc/v1/RollbackRequest.ts';
import type { StatusRequest as _pgsvc_v1_StatusRequest, StatusRequest__Output as _pgsvc_v1_StatusRequest__Output } from '../../pgsvc/v1/StatusRequest.ts';
import type { StatusResponse as _pgsvc_v1_StatusResponse, StatusResponse__Output as _pgsvc_v1_StatusResponse__Output } from '../../pgsvc/v1/StatusResponse.ts';

/**
 * What operators call: over the controller's local unix socket, or with an operator's certificate.
 */
export interface AdminServiceClient extends grpc.Client {
  /**
   * `pgsvc events`: what happened, oldest first; with `follow` the stream goes on until the caller ends it.
   */
  Events(argument: _pgsvc_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_Event__Output>;
  Events(argument: _pgsvc_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_Event__Output>;
  /**
   * `pgsvc events`: what happened, oldest first; with `follow` the stream goes on until the caller ends it.
   */
  events(argument: _pgsvc_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_Event__Output>;
  events(argument: _pgsvc_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_Event__Output>;
  
  /**
   * `pgsvc history <cls>`.
   */
  History(argument: _pgsvc_v1_HistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _pgsvc_v1_HistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _pgsvc_v1_HistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _pgsvc_v1_HistoryRequest, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc history <cls>`.
   */
  history(argument: _pgsvc_v1_HistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _pgsvc_v1_HistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _pgsvc_v1_HistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _pgsvc_v1_HistoryRequest, callback: grpc.requestCallback<_pgsvc_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * `pgsvc leaders`: who leads each cluster, by the inventory, by what was followed, and by what each node sees.
   */
  Leaders(argument: _pgsvc_v1_LeadersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  Leaders(argument: _pgsvc_v1_LeadersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  Leaders(argument: _pgsvc_v1_LeadersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  Leaders(argument: _pgsvc_v1_LeadersRequest, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc leaders`: who leads each cluster, by the inventory, by what was followed, and by what each node sees.
   */
  leaders(argument: _pgsvc_v1_LeadersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  leaders(argument: _pgsvc_v1_LeadersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  leaders(argument: _pgsvc_v1_LeadersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  leaders(argument: _pgsvc_v1_LeadersRequest, callback: grpc.requestCallback<_pgsvc_v1_LeadersResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * `pgsql-svc <cls> [ip...]`: read the inventory, make revisions, publish them in two phases.
   * Ends with exactly one `result`. Cancelled before the commit point: nothing has changed anywhere.
   */
  Publish(argument: _pgsvc_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  Publish(argument: _pgsvc_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  /**
   * `pgsql-svc <cls> [ip...]`: read the inventory, make revisions, publish them in two phases.
   * Ends with exactly one `result`. Cancelled before the commit point: nothing has changed anywhere.
   */
  publish(argument: _pgsvc_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  publish(argument: _pgsvc_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  
  /**
   * `pgsvc node <ip|group>`: the same for the nodes' own haproxy_services.
   */
  PublishNode(argument: _pgsvc_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  PublishNode(argument: _pgsvc_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  /**
   * `pgsvc node <ip|group>`: the same for the nodes' own haproxy_services.
   */
  publishNode(argument: _pgsvc_v1_PublishRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  publishNode(argument: _pgsvc_v1_PublishRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  
  /**
   * `pgsvc remove <cls> [ip...]`: end assignments; the owner's files leave those nodes.
   */
  Remove(argument: _pgsvc_v1_RemoveRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  Remove(argument: _pgsvc_v1_RemoveRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  /**
   * `pgsvc remove <cls> [ip...]`: end assignments; the owner's files leave those nodes.
   */
  remove(argument: _pgsvc_v1_RemoveRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  remove(argument: _pgsvc_v1_RemoveRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  
  /**
   * `pgsvc rollback <cls> [n]`: assign an earlier revision again.
   */
  Rollback(argument: _pgsvc_v1_RollbackRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  Rollback(argument: _pgsvc_v1_RollbackRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  /**
   * `pgsvc rollback <cls> [n]`: assign an earlier revision again.
   */
  rollback(argument: _pgsvc_v1_RollbackRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  rollback(argument: _pgsvc_v1_RollbackRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_pgsvc_v1_PublishEvent__Output>;
  
  /**
   * `pgsvc status`.
   */
  Status(argument: _pgsvc_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _pgsvc_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _pgsvc_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _pgsvc_v1_StatusRequest, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc status`.
   */
  status(argument: _pgsvc_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _pgsvc_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _pgsvc_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _pgsvc_v1_StatusRequest, callback: grpc.requestCallback<_pgsvc_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What operators call: over the controller's local unix socket, or with an operator's certificate.
 */
export interface AdminServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * `pgsvc events`: what happened, oldest first; with `follow` the stream goes on until the caller ends it.
   */
  Events: grpc.handleServerStreamingCall<_pgsvc_v1_EventsRequest__Output, _pgsvc_v1_Event>;
  
  /**
   * `pgsvc history <cls>`.
   */
  History: grpc.handleUnaryCall<_pgsvc_v1_HistoryRequest__Output, _pgsvc_v1_HistoryResponse>;
  
  /**
   * `pgsvc leaders`: who leads each cluster, by the inventory, by what was followed, and by what each node sees.
   */
  Leaders: grpc.handleUnaryCall<_pgsvc_v1_LeadersRequest__Output, _pgsvc_v1_LeadersResponse>;
  
  /**
   * `pgsql-svc <cls> [ip...]`: read the inventory, make revisions, publish them in two phases.
   * Ends with exactly one `result`. Cancelled before the commit point: nothing has changed anywhere.
   */
  Publish: grpc.handleServerStreamingCall<_pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * `pgsvc node <ip|group>`: the same for the nodes' own haproxy_services.
   */
  PublishNode: grpc.handleServerStreamingCall<_pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * `pgsvc remove <cls> [ip...]`: end assignments; the owner's files leave those nodes.
   */
  Remove: grpc.handleServerStreamingCall<_pgsvc_v1_RemoveRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * `pgsvc rollback <cls> [n]`: assign an earlier revision again.
   */
  Rollback: grpc.handleServerStreamingCall<_pgsvc_v1_RollbackRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * `pgsvc status`.
   */
  Status: grpc.handleUnaryCall<_pgsvc_v1_StatusRequest__Output, _pgsvc_v1_StatusResponse>;
  
}

export interface AdminServiceDefinition extends grpc.ServiceDefinition {
  Events: MethodDefinition<_pgsvc_v1_EventsRequest, _pgsvc_v1_Event, _pgsvc_v1_EventsRequest__Output, _pgsvc_v1_Event__Output>
  History: MethodDefinition<_pgsvc_v1_HistoryRequest, _pgsvc_v1_HistoryResponse, _pgsvc_v1_HistoryRequest__Output, _pgsvc_v1_HistoryResponse__Output>
  Leaders: MethodDefinition<_pgsvc_v1_LeadersRequest, _pgsvc_v1_LeadersResponse, _pgsvc_v1_LeadersRequest__Output, _pgsvc_v1_LeadersResponse__Output>
  Publish: MethodDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent__Output>
  PublishNode: MethodDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent__Output>
  Remove: MethodDefinition<_pgsvc_v1_RemoveRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_RemoveRequest__Output, _pgsvc_v1_PublishEvent__Output>
  Rollback: MethodDefinition<_pgsvc_v1_RollbackRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_RollbackRequest__Output, _pgsvc_v1_PublishEvent__Output>
  Status: MethodDefinition<_pgsvc_v1_StatusRequest, _pgsvc_v1_StatusResponse, _pgsvc_v1_StatusRequest__Output, _pgsvc_v1_StatusResponse__Output>
}
