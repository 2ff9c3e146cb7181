/**
 * What an agent calls, without the rest of the contract: it keeps in memory what it loads for as long as it lives.
 *
 * The same as services.ts has by these names, which loads everything by proto-loader; a test holds them equal.
 */
import { makeGenericClientConstructor, type ServiceDefinition } from '@grpc/grpc-js'
import type { ProtoGrpcType as AgentTypes } from './generated/agent.ts'
import { descriptor } from './generated/agent-descriptor.ts'
import type { ProtoGrpcType as HealthTypes } from './generated/health.ts'
import { createCodec } from './message-codec.ts'

const codec = createCodec(descriptor)

// The generator describes exactly what these make, but cannot say so to the compiler.
export const AgentService = clientOf('pgsvc.v1.AgentService') as AgentTypes['pgsvc']['v1']['AgentService']
export const Health = clientOf('grpc.health.v1.Health') as HealthTypes['grpc']['health']['v1']['Health']

function clientOf(service: string): unknown {
  return makeGenericClientConstructor(definitionOf(service), service)
}

function definitionOf(service: string): ServiceDefinition {
  const methods = codec.methods(service).map(({ name, request, response, ...method }) => [
    name,
    {
      ...method,
      originalName: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      requestSerialize: (value: object) => codec.encode(request, value),
      requestDeserialize: (bytes: Buffer) => codec.decode(request, bytes),
      responseSerialize: (value: object) => codec.encode(response, value),
      responseDeserialize: (bytes: Buffer) => codec.decode(response, bytes),
    },
  ])
  return Object.fromEntries(methods)
}
