/**
 * The gRPC service definitions, from the generated descriptor.
 *
 * The loader options must equal those of scripts/generate.ts, or the generated types lie.
 */
import { loadPackageDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import type { ProtoGrpcType as AdminTypes } from './generated/admin.ts'
import type { ProtoGrpcType as AgentTypes } from './generated/agent.ts'
import { descriptor } from './generated/descriptor.ts'
import type { ProtoGrpcType as HealthTypes } from './generated/health.ts'

const definition = fromJSON(descriptor, { longs: Number, enums: String, defaults: true, oneofs: true })
// The generator describes exactly what loadPackageDefinition builds, but cannot say so to the compiler.
const types = loadPackageDefinition(definition) as unknown as AdminTypes & AgentTypes & HealthTypes

export const AgentService = types.pgsvc.v1.AgentService
export const AdminService = types.pgsvc.v1.AdminService
export const Health = types.grpc.health.v1.Health
