/** What agents speak is what the controller understands: proto-loader's own definitions are the reference. */
import type { MethodDefinition } from '@grpc/grpc-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as light from '../../../shared/rpc/agent-services.ts'
import type { AgentMessage } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage } from '../../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import * as whole from '../../../shared/rpc/services.ts'

type AnyMethod = MethodDefinition<object, object>

// Their types differ by method, their use here does not.
function methods(client: { readonly service: object }): Readonly<Record<string, AnyMethod>> {
  return client.service as Readonly<Record<string, AnyMethod>>
}

const text = fc.string({ unit: 'binary', maxLength: 300 })
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const long = fc.oneof(word, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const some = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(shape, { requiredKeys: [] })

const stage = fc.constantFrom('STAGE_UNSPECIFIED', 'STAGE_VALIDATE', 'STAGE_CONFIRM')
const change = fc.constantFrom('CHANGE_UNSPECIFIED', 'CHANGE_RELOAD', 'CHANGE_RUNTIME')
const fault = some({ stage, code: text, owner: text, file: text, line: word, message: text })
const applied = fc.array(some({ owner: text, revision: long, leader: text }), { maxLength: 3 })
const timings = some({ stageMs: word, validateMs: word, swapMs: word, reloadMs: word })
const leader = some({ owner: text, leader: text, confirmed: fc.boolean(), sinceMs: long, code: text })

const fromAgent: fc.Arbitrary<AgentMessage> = fc.oneof(
  fc.record({ hello: some({ node: text, applied, lastFailed: fault, heldDigests: fc.array(text) }) }),
  fc.record({ ack: some({ nonce: text, version: long, prepared: fc.boolean(), change, timings, applied }) }),
  fc.record({ nack: some({ nonce: text, version: long, fault, faults: fc.array(fault, { maxLength: 3 }) }) }),
  fc.record({ progress: some({ nonce: text, stage, elapsedMs: word }) }),
  fc.record({
    observation: some({ workerPid: word, servicesDown: fc.array(text), leaders: fc.array(leader) }),
  }),
  fc.record({ heartbeat: fc.constant({}) }),
  fc.record({ certificateRequest: some({ csrPem: text }) }),
)

const assignment = some({
  owner: text,
  revision: long,
  leader: text,
  variants: fc.array(some({ leader: text, files: fc.array(some({ name: text, digest: text })) })),
  members: fc.array(some({ instance: text, address: text, patroniPort: word, patroniTls: fc.boolean() })),
  follow: fc.constantFrom('FOLLOW_UNSPECIFIED', 'FOLLOW_ON', 'FOLLOW_OFF'),
})
const snapshot = some({
  version: long,
  assignments: fc.array(assignment, { maxLength: 3 }),
  blobs: fc.array(some({ digest: text, content: bytes }), { maxLength: 3 }),
})
const fromController: fc.Arbitrary<ControllerMessage> = fc.oneof(
  fc.record({ welcome: some({ controllerVersion: text, heartbeatMs: word, silenceMs: word }) }),
  fc.record({ snapshot, nonce: text }),
  fc.record({ prepare: some({ publishId: text, snapshot, leaseMs: word, dryRun: fc.boolean() }) }),
  fc.record({ commit: some({ publishId: text, version: long }) }),
  fc.record({ leaderHint: some({ owner: text, leader: text, timeline: some({ timeline: word }) }) }),
  fc.record({ certificate: some({ certPem: text, caPem: text, notAfterMs: long }) }),
)

test.each([
  ['AgentService', light.AgentService, whole.AgentService],
  ['Health', light.Health, whole.Health],
])('%s has the same methods', (_name, ours, reference) => {
  const shape = (client: { readonly service: object }) =>
    Object.entries(methods(client)).map(([name, { path, requestStream, responseStream }]) => ({
      name,
      ...{ path, requestStream, responseStream },
    }))
  expect(shape(ours)).toEqual(shape(reference))
  expect(Object.keys(ours.prototype).sort()).toEqual(Object.keys(reference.prototype).sort())
})

test('what an agent says is the same bytes, and reads the same', () => {
  const [ours, reference] = [methods(light.AgentService).Connect, methods(whole.AgentService).Connect]
  fc.assert(
    fc.property(fromAgent, (message) => {
      const said = ours?.requestSerialize(message)
      expect(said).toEqual(reference?.requestSerialize(message))
      expect(reference?.requestDeserialize(said ?? Buffer.of())).toEqual(
        ours?.requestDeserialize(said ?? Buffer.of()),
      )
    }),
  )
})

test('what a controller says reads as the loader reads it', () => {
  const [ours, reference] = [methods(light.AgentService).Connect, methods(whole.AgentService).Connect]
  fc.assert(
    fc.property(fromController, (message) => {
      const said = reference?.responseSerialize(message) ?? Buffer.of()
      expect(said.length).toBeGreaterThan(0)
      expect(ours?.responseDeserialize(said)).toEqual(reference?.responseDeserialize(said))
    }),
  )
})

test('health reads as the loader reads it', () => {
  const [ours, reference] = [methods(light.Health).Check, methods(whole.Health).Check]
  expect(ours?.requestSerialize({ service: 'a' })).toEqual(reference?.requestSerialize({ service: 'a' }))
  const said = reference?.responseSerialize({ status: 'SERVING' }) ?? Buffer.of()
  expect(ours?.responseDeserialize(said)).toEqual({ status: 'SERVING' })
})
