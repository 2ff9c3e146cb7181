// Original file: proto/pgsvc/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _pgsvc_v1_AgentMessage, AgentMessage__Output as _pgsvc_v1_AgentMessage__Output } from '../../pgsvc/v1/AgentMessage.ts';
import type { AuditRequest as _pgsvc_v1_AuditRequest, AuditRequest__Output as _pgsvc_v1_AuditRequest__Output } from '../../pgsvc/v1/AuditRequest.ts';
import type { AuditResponse as _pgsvc_v1_AuditResponse, AuditResponse__Output as _pgsvc_v1_AuditResponse__Output } from '../../pgsvc/v1/AuditResponse.ts';
import type { CertificatesRequest as _pgsvc_v1_CertificatesRequest, CertificatesRequest__Output as _pgsvc_v1_CertificatesRequest__Output } from '../../pgsvc/v1/CertificatesRequest.ts';
import type { CertificatesResponse as _pgsvc_v1_CertificatesResponse, CertificatesResponse__Output as _pgsvc_v1_CertificatesResponse__Output } from '../../pgsvc/v1/CertificatesResponse.ts';
import type { ControllerMessage as _pgsvc_v1_ControllerMessage, ControllerMessage__Output as _pgsvc_v1_ControllerMessage__Output } from '../../pgsvc/v1/ControllerMessage.ts';
import type { Event as _pgsvc_v1_Event, Event__Output as _pgsvc_v1_Event__Output } from '../../pgsvc/v1/Event.ts';
import type { EventsRequest as _pgsvc_v1_EventsRequest, EventsRequest__Output as _pgsvc_v1_EventsRequest__Output } from '../../pgsvc/v1/EventsRequest.ts';
import type { ForgetRequest as _pgsvc_v1_ForgetRequest, ForgetRequest__Output as _pgsvc_v1_ForgetRequest__Output } from '../../pgsvc/v1/ForgetRequest.ts';
import type { ForgetResponse as _pgsvc_v1_ForgetResponse, ForgetResponse__Output as _pgsvc_v1_ForgetResponse__Output } from '../../pgsvc/v1/ForgetResponse.ts';
import type { HistoryRequest as _pgsvc_v1_HistoryRequest, HistoryRequest__Output as _pgsvc_v1_HistoryRequest__Output } from '../../pgsvc/v1/HistoryRequest.ts';
import type { HistoryResponse as _pgsvc_v1_HistoryResponse, HistoryResponse__Output as _pgsvc_v1_HistoryResponse__Output } from '../../pgsvc/v1/HistoryResponse.ts';
import type { LeadersRequest as _pgsvc_v1_LeadersRequest, LeadersRequest__Output as _pgsvc_v1_LeadersRequest__Output } from '../../pgsvc/v1/LeadersRequest.ts';
import type { LeadersResponse as _pgsvc_v1_LeadersResponse, LeadersResponse__Output as _pgsvc_v1_LeadersResponse__Output } from '../../pgsvc/v1/LeadersResponse.ts';
import type { PublishEvent as _pgsvc_v1_PublishEvent, PublishEvent__Output as _pgsvc_v1_PublishEvent__Output } from '../../pgsvc/v1/PublishEvent.ts';
import type { PublishRequest as _pgsvc_v1_PublishRequest, PublishRequest__Output as _pgsvc_v1_PublishRequest__Output } from '../../pgsvc/v1/PublishRequest.ts';
import type { RemoveRequest as _pgsvc_v1_RemoveRequest, RemoveRequest__Output as _pgsvc_v1_RemoveRequest__Output } from '../../pgsvc/v1/RemoveRequest.ts';
import type { RenewRequest as _pgsvc_v1_RenewRequest, RenewRequest__Output as _pgsvc_v1_RenewRequest__Output } from '../../pgsvc/v1/RenewRequest.ts';
import type { RenewResponse as _pgsvc_v1_RenewResponse, RenewResponse__Output as _pgsvc_v1_RenewResponse__Output } from '../../pgsvc/v1/RenewResponse.ts';
import type { RevokeNodeRequest as _pgsvc_v1_RevokeNodeRequest, RevokeNodeRequest__Output as _pgsvc_v1_RevokeNodeRequest__Output } from '../../pgsvc/v1/RevokeNodeRequest.ts';
import type { RevokeOperatorRequest as _pgsvc_v1_RevokeOperatorRequest, RevokeOperatorRequest__Output as _pgsvc_v1_RevokeOperatorRequest__Output } from '../../pgsvc/v1/RevokeOperatorRequest.ts';
import type { RevokeResponse as _pgsvc_v1_RevokeResponse, RevokeResponse__Output as _pgsvc_v1_RevokeResponse__Output } from '../../pgsvc/v1/RevokeResponse.ts';
import type { RollbackRequest as _pgsvc_v1_RollbackRequest, RollbackRequest__Output as _pgsvc_v1_RollbackRequest__Output } from '../../pgsvc/v1/RollbackRequest.ts';
import type { SignNodeRequest as _pgsvc_v1_SignNodeRequest, SignNodeRequest__Output as _pgsvc_v1_SignNodeRequest__Output } from '../../pgsvc/v1/SignNodeRequest.ts';
import type { SignNodeResponse as _pgsvc_v1_SignNodeResponse, SignNodeResponse__Output as _pgsvc_v1_SignNodeResponse__Output } from '../../pgsvc/v1/SignNodeResponse.ts';
import type { StatusRequest as _pgsvc_v1_StatusRequest, StatusRequest__Output as _pgsvc_v1_StatusRequest__Output } from '../../pgsvc/v1/StatusRequest.ts';
import type { StatusResponse as _pgsvc_v1_StatusResponse, StatusResponse__Output as _pgsvc_v1_StatusResponse__Output } from '../../pgsvc/v1/StatusResponse.ts';

/**
 * What operators call: over the controller's local unix socket, or with an operator's certificate.
 */
export interface AdminServiceClient extends grpc.Client {
  /**
   * `pgsvc audit`: who did what, from where, when, and how it came out.
   */
  Audit(argument: _pgsvc_v1_AuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  Audit(argument: _pgsvc_v1_AuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  Audit(argument: _pgsvc_v1_AuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  Audit(argument: _pgsvc_v1_AuditRequest, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc audit`: who did what, from where, when, and how it came out.
   */
  audit(argument: _pgsvc_v1_AuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  audit(argument: _pgsvc_v1_AuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  audit(argument: _pgsvc_v1_AuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  audit(argument: _pgsvc_v1_AuditRequest, callback: grpc.requestCallback<_pgsvc_v1_AuditResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * `pgsvc pki list`: certificates that were signed or seen here, and what was revoked.
   */
  Certificates(argument: _pgsvc_v1_CertificatesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  Certificates(argument: _pgsvc_v1_CertificatesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  Certificates(argument: _pgsvc_v1_CertificatesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  Certificates(argument: _pgsvc_v1_CertificatesRequest, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc pki list`: certificates that were signed or seen here, and what was revoked.
   */
  certificates(argument: _pgsvc_v1_CertificatesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  certificates(argument: _pgsvc_v1_CertificatesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  certificates(argument: _pgsvc_v1_CertificatesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  certificates(argument: _pgsvc_v1_CertificatesRequest, callback: grpc.requestCallback<_pgsvc_v1_CertificatesResponse__Output>): grpc.ClientUnaryCall;
  
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
   * `pgsvc forget <node...>`: strike nodes that are gone for good. Nobody is asked, and what lies on them stays. Refused
   * for a node that is connected.
   */
  Forget(argument: _pgsvc_v1_ForgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  Forget(argument: _pgsvc_v1_ForgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  Forget(argument: _pgsvc_v1_ForgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  Forget(argument: _pgsvc_v1_ForgetRequest, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc forget <node...>`: strike nodes that are gone for good. Nobody is asked, and what lies on them stays. Refused
   * for a node that is connected.
   */
  forget(argument: _pgsvc_v1_ForgetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  forget(argument: _pgsvc_v1_ForgetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  forget(argument: _pgsvc_v1_ForgetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  forget(argument: _pgsvc_v1_ForgetRequest, callback: grpc.requestCallback<_pgsvc_v1_ForgetResponse__Output>): grpc.ClientUnaryCall;
  
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
   * `pgsql-svc --ssh`: the stream of a node whose agent does not run, carried by the operator's command. As with
   * AgentService.Connect the first message is a Hello; it says which node it is, on the operator's word. Refused while
   * the node has a stream of its own; a later stream of its own takes over. Ends when either side ends it.
   */
  Relay(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  Relay(options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  /**
   * `pgsql-svc --ssh`: the stream of a node whose agent does not run, carried by the operator's command. As with
   * AgentService.Connect the first message is a Hello; it says which node it is, on the operator's word. Refused while
   * the node has a stream of its own; a later stream of its own takes over. Ends when either side ends it.
   */
  relay(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  relay(options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  
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
   * `pgsvc pki renew`: connected nodes renew their certificates now, or the controller its own.
   */
  Renew(argument: _pgsvc_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _pgsvc_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _pgsvc_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _pgsvc_v1_RenewRequest, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc pki renew`: connected nodes renew their certificates now, or the controller its own.
   */
  renew(argument: _pgsvc_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _pgsvc_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _pgsvc_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _pgsvc_v1_RenewRequest, callback: grpc.requestCallback<_pgsvc_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * `pgsvc pki revoke node <name>`: no certificate that the node has had until now counts any more, at once.
   */
  RevokeNode(argument: _pgsvc_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _pgsvc_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _pgsvc_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeNode(argument: _pgsvc_v1_RevokeNodeRequest, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc pki revoke node <name>`: no certificate that the node has had until now counts any more, at once.
   */
  revokeNode(argument: _pgsvc_v1_RevokeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _pgsvc_v1_RevokeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _pgsvc_v1_RevokeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeNode(argument: _pgsvc_v1_RevokeNodeRequest, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * `pgsvc pki revoke operator <name>`: the same for an operator.
   */
  RevokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  RevokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * `pgsvc pki revoke operator <name>`: the same for an operator.
   */
  revokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  revokeOperator(argument: _pgsvc_v1_RevokeOperatorRequest, callback: grpc.requestCallback<_pgsvc_v1_RevokeResponse__Output>): grpc.ClientUnaryCall;
  
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
   * Sign the key of a node's request: `pgsvc enroll`. Nothing but the key is taken from it.
   */
  SignNode(argument: _pgsvc_v1_SignNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  SignNode(argument: _pgsvc_v1_SignNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  SignNode(argument: _pgsvc_v1_SignNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  SignNode(argument: _pgsvc_v1_SignNodeRequest, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Sign the key of a node's request: `pgsvc enroll`. Nothing but the key is taken from it.
   */
  signNode(argument: _pgsvc_v1_SignNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  signNode(argument: _pgsvc_v1_SignNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  signNode(argument: _pgsvc_v1_SignNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  signNode(argument: _pgsvc_v1_SignNodeRequest, callback: grpc.requestCallback<_pgsvc_v1_SignNodeResponse__Output>): grpc.ClientUnaryCall;
  
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
   * `pgsvc audit`: who did what, from where, when, and how it came out.
   */
  Audit: grpc.handleUnaryCall<_pgsvc_v1_AuditRequest__Output, _pgsvc_v1_AuditResponse>;
  
  /**
   * `pgsvc pki list`: certificates that were signed or seen here, and what was revoked.
   */
  Certificates: grpc.handleUnaryCall<_pgsvc_v1_CertificatesRequest__Output, _pgsvc_v1_CertificatesResponse>;
  
  /**
   * `pgsvc events`: what happened, oldest first; with `follow` the stream goes on until the caller ends it.
   */
  Events: grpc.handleServerStreamingCall<_pgsvc_v1_EventsRequest__Output, _pgsvc_v1_Event>;
  
  /**
   * `pgsvc forget <node...>`: strike nodes that are gone for good. Nobody is asked, and what lies on them stays. Refused
   * for a node that is connected.
   */
  Forget: grpc.handleUnaryCall<_pgsvc_v1_ForgetRequest__Output, _pgsvc_v1_ForgetResponse>;
  
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
   * `pgsql-svc --ssh`: the stream of a node whose agent does not run, carried by the operator's command. As with
   * AgentService.Connect the first message is a Hello; it says which node it is, on the operator's word. Refused while
   * the node has a stream of its own; a later stream of its own takes over. Ends when either side ends it.
   */
  Relay: grpc.handleBidiStreamingCall<_pgsvc_v1_AgentMessage__Output, _pgsvc_v1_ControllerMessage>;
  
  /**
   * `pgsvc remove <cls> [ip...]`: end assignments; the owner's files leave those nodes.
   */
  Remove: grpc.handleServerStreamingCall<_pgsvc_v1_RemoveRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * `pgsvc pki renew`: connected nodes renew their certificates now, or the controller its own.
   */
  Renew: grpc.handleUnaryCall<_pgsvc_v1_RenewRequest__Output, _pgsvc_v1_RenewResponse>;
  
  /**
   * `pgsvc pki revoke node <name>`: no certificate that the node has had until now counts any more, at once.
   */
  RevokeNode: grpc.handleUnaryCall<_pgsvc_v1_RevokeNodeRequest__Output, _pgsvc_v1_RevokeResponse>;
  
  /**
   * `pgsvc pki revoke operator <name>`: the same for an operator.
   */
  RevokeOperator: grpc.handleUnaryCall<_pgsvc_v1_RevokeOperatorRequest__Output, _pgsvc_v1_RevokeResponse>;
  
  /**
   * `pgsvc rollback <cls> [n]`: assign an earlier revision again.
   */
  Rollback: grpc.handleServerStreamingCall<_pgsvc_v1_RollbackRequest__Output, _pgsvc_v1_PublishEvent>;
  
  /**
   * Sign the key of a node's request: `pgsvc enroll`. Nothing but the key is taken from it.
   */
  SignNode: grpc.handleUnaryCall<_pgsvc_v1_SignNodeRequest__Output, _pgsvc_v1_SignNodeResponse>;
  
  /**
   * `pgsvc status`.
   */
  Status: grpc.handleUnaryCall<_pgsvc_v1_StatusRequest__Output, _pgsvc_v1_StatusResponse>;
  
}

export interface AdminServiceDefinition extends grpc.ServiceDefinition {
  Audit: MethodDefinition<_pgsvc_v1_AuditRequest, _pgsvc_v1_AuditResponse, _pgsvc_v1_AuditRequest__Output, _pgsvc_v1_AuditResponse__Output>
  Certificates: MethodDefinition<_pgsvc_v1_CertificatesRequest, _pgsvc_v1_CertificatesResponse, _pgsvc_v1_CertificatesRequest__Output, _pgsvc_v1_CertificatesResponse__Output>
  Events: MethodDefinition<_pgsvc_v1_EventsRequest, _pgsvc_v1_Event, _pgsvc_v1_EventsRequest__Output, _pgsvc_v1_Event__Output>
  Forget: MethodDefinition<_pgsvc_v1_ForgetRequest, _pgsvc_v1_ForgetResponse, _pgsvc_v1_ForgetRequest__Output, _pgsvc_v1_ForgetResponse__Output>
  History: MethodDefinition<_pgsvc_v1_HistoryRequest, _pgsvc_v1_HistoryResponse, _pgsvc_v1_HistoryRequest__Output, _pgsvc_v1_HistoryResponse__Output>
  Leaders: MethodDefinition<_pgsvc_v1_LeadersRequest, _pgsvc_v1_LeadersResponse, _pgsvc_v1_LeadersRequest__Output, _pgsvc_v1_LeadersResponse__Output>
  Publish: MethodDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent__Output>
  PublishNode: MethodDefinition<_pgsvc_v1_PublishRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_PublishRequest__Output, _pgsvc_v1_PublishEvent__Output>
  Relay: MethodDefinition<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage, _pgsvc_v1_AgentMessage__Output, _pgsvc_v1_ControllerMessage__Output>
  Remove: MethodDefinition<_pgsvc_v1_RemoveRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_RemoveRequest__Output, _pgsvc_v1_PublishEvent__Output>
  Renew: MethodDefinition<_pgsvc_v1_RenewRequest, _pgsvc_v1_RenewResponse, _pgsvc_v1_RenewRequest__Output, _pgsvc_v1_RenewResponse__Output>
  RevokeNode: MethodDefinition<_pgsvc_v1_RevokeNodeRequest, _pgsvc_v1_RevokeResponse, _pgsvc_v1_RevokeNodeRequest__Output, _pgsvc_v1_RevokeResponse__Output>
  RevokeOperator: MethodDefinition<_pgsvc_v1_RevokeOperatorRequest, _pgsvc_v1_RevokeResponse, _pgsvc_v1_RevokeOperatorRequest__Output, _pgsvc_v1_RevokeResponse__Output>
  Rollback: MethodDefinition<_pgsvc_v1_RollbackRequest, _pgsvc_v1_PublishEvent, _pgsvc_v1_RollbackRequest__Output, _pgsvc_v1_PublishEvent__Output>
  SignNode: MethodDefinition<_pgsvc_v1_SignNodeRequest, _pgsvc_v1_SignNodeResponse, _pgsvc_v1_SignNodeRequest__Output, _pgsvc_v1_SignNodeResponse__Output>
  Status: MethodDefinition<_pgsvc_v1_StatusRequest, _pgsvc_v1_StatusResponse, _pgsvc_v1_StatusRequest__Output, _pgsvc_v1_StatusResponse__Output>
}
