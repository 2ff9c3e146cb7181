// Original file: proto/pgsvc/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _pgsvc_v1_AgentMessage, AgentMessage__Output as _pgsvc_v1_AgentMessage__Output } from '../../pgsvc/v1/AgentMessage.ts';
import type { ControllerMessage as _pgsvc_v1_ControllerMessage, ControllerMessage__Output as _pgsvc_v1_ControllerMessage__Output } from '../../pgsvc/v1/ControllerMessage.ts';

/**
 * Between the controller and the agents.
 * 
 * State of the world, as in Envoy's xDS: the controller always names the whole set a node should have, the
 * agent answers each Snapshot with exactly one Ack or Nack that repeats its nonce.
 */
export interface AgentServiceClient extends grpc.Client {
  /**
   * The one long-lived stream of an agent. The agent speaks first (Hello); the controller answers Welcome.
   * Who the agent is comes from its certificate, never from a message. A second stream of the same node ends
   * the first one. Either side ends the stream when it has heard nothing for `silence_ms` (Welcome).
   */
  Connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  Connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  /**
   * The one long-lived stream of an agent. The agent speaks first (Hello); the controller answers Welcome.
   * Who the agent is comes from its certificate, never from a message. A second stream of the same node ends
   * the first one. Either side ends the stream when it has heard nothing for `silence_ms` (Welcome).
   */
  connect(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  connect(options?: grpc.CallOptions): grpc.ClientDuplexStream<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage__Output>;
  
}

/**
 * Between the controller and the agents.
 * 
 * State of the world, as in Envoy's xDS: the controller always names the whole set a node should have, the
 * agent answers each Snapshot with exactly one Ack or Nack that repeats its nonce.
 */
export interface AgentServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The one long-lived stream of an agent. The agent speaks first (Hello); the controller answers Welcome.
   * Who the agent is comes from its certificate, never from a message. A second stream of the same node ends
   * the first one. Either side ends the stream when it has heard nothing for `silence_ms` (Welcome).
   */
  Connect: grpc.handleBidiStreamingCall<_pgsvc_v1_AgentMessage__Output, _pgsvc_v1_ControllerMessage>;
  
}

export interface AgentServiceDefinition extends grpc.ServiceDefinition {
  Connect: MethodDefinition<_pgsvc_v1_AgentMessage, _pgsvc_v1_ControllerMessage, _pgsvc_v1_AgentMessage__Output, _pgsvc_v1_ControllerMessage__Output>
}
