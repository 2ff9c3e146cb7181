import type { MethodDefinition } from '@grpc/grpc-js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../../controller/cli/wire-codec.ts'
import type { PublishEvent } from '../../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { AdminService } from '../../../shared/rpc/services.ts'

// The loader's own codecs are the reference. Their types differ by method, their use here does not.
const reference = AdminService.service as unknown as Record<string, MethodDefinition<object, object>>

function method(name: string): MethodDefinition<object, object> {
  const found = reference[name]
  if (!found) throw new Error(`no method ${name}`)
  return found
}

const text = fc.string({ unit: 'binary', maxLength: 300 })
const word = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const long = fc.oneof(word, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const some = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(shape, { requiredKeys: [] })
const stages = ['STAGE_UNSPECIFIED', 'STAGE_VALIDATE', 'STAGE_CONFIRM'] as const
const outcomes = ['NODE_OUTCOME_UNSPECIFIED', 'NODE_OUTCOME_RELOADED', 'NODE_OUTCOME_ABORTED'] as const

const notice = some({ code: text, message: text, hint: text, owner: text })
const fault = some({ stage: fc.constantFrom(...stages), code: text, file: text, line: word, haproxy: text })
const event: fc.Arbitrary<PublishEvent> = fc.oneof(
  fc.record({
    targets: some({ publishId: text, owners: fc.array(some({ owner: text, nodes: fc.array(text) })) }),
  }),
  fc.record({ warning: notice }),
  fc.record({ progress: some({ node: text, stage: fc.constantFrom(...stages), elapsedMs: word }) }),
  fc.record({ diff: some({ node: text, file: text, unified: text }) }),
  fc.record({
    node: some({
      node: text,
      outcome: fc.constantFrom(...outcomes),
      fault,
      timings: some({ stageMs: word, reloadMs: word }),
      reasons: fc.array(text),
    }),
  }),
  fc.record({
    committed: some({ revisions: fc.array(some({ owner: text, revision: long, created: fc.boolean() })) }),
  }),
  fc.record({ result: some({ ok: fc.boolean(), committed: fc.boolean(), errors: fc.array(notice) }) }),
)

test('every event reads as the loader reads it', () => {
  const { responseSerialize, responseDeserialize } = method('Publish')
  fc.assert(
    fc.property(event, (value) => {
      const bytes = responseSerialize(value)
      expect(decodeMessage('PublishEvent', bytes)).toEqual(responseDeserialize(bytes))
    }),
  )
})

test('a request is the same bytes as the loader makes', () => {
  const options = some({ check: fc.boolean(), diff: fc.boolean(), timeoutMs: word, operator: text })
  fc.assert(
    fc.property(some({ pattern: text, nodes: fc.array(text), options }), (value) => {
      expect(encodeMessage('PublishRequest', value)).toEqual(method('Publish').requestSerialize(value))
    }),
  )
  fc.assert(
    fc.property(some({ owner: text, revision: long, options }), (value) => {
      expect(encodeMessage('RollbackRequest', value)).toEqual(method('Rollback').requestSerialize(value))
    }),
  )
})

test('a status reads as the loader reads it', () => {
  const { responseSerialize, responseDeserialize } = method('Status')
  const node = some({
    node: text,
    connected: fc.boolean(),
    sinceMs: long,
    parked: fc.boolean(),
    fault,
    problems: fc.array(text),
  })
  const owner = some({
    owner: text,
    newest: long,
    nodes: fc.array(some({ node: text, assigned: long, leader: text })),
  })
  fc.assert(
    fc.property(some({ owners: fc.array(owner), nodes: fc.array(node) }), (value) => {
      const bytes = responseSerialize(value)
      expect(decodeMessage('StatusResponse', bytes)).toEqual(responseDeserialize(bytes))
    }),
  )
})

test('fields of a newer controller are passed over', () => {
  const known = encodeMessage('Notice', { code: 'A', owner: 'pg-test' })
  const varint = [0xf8, 0x07, 0x96, 0x01]
  const eight = [0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8]
  const lengthed = [0xfa, 0x07, 2, 9, 9]
  const four = [0xfd, 0x07, 1, 2, 3, 4]

  const read = decodeMessage('Notice', Buffer.from([...varint, ...eight, ...known, ...lengthed, ...four]))

  expect(read).toEqual({ code: 'A', message: '', hint: '', owner: 'pg-test' })
})

test.each([
  ['a number without an end', [0x0a, 0xff]],
  ['a number of eleven bytes', [0xf8, 0x07, ...new Array<number>(11).fill(0x80)]],
])('%s is refused', (_name, bytes) => {
  expect(() => decodeMessage('Notice', Buffer.from(bytes))).toThrow()
})
