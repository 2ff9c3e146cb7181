import { expect, test } from 'vitest'
import type { Fault } from '../../../shared/errors/fault.ts'
import type { Snapshot } from '../../../shared/model/snapshot.ts'
import { faultFromWire, faultToWire, snapshotFromWire, snapshotToWire } from '../../../shared/rpc/convert.ts'
import type { AgentMessage__Output } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage__Output } from '../../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'

const connect = AgentService.service.Connect

const snapshot: Snapshot = {
  version: 7,
  assignments: [
    {
      owner: 'pg-test',
      revision: 3,
      variants: [
        { leader: 'pg-test-1', files: [{ name: 'pg-test-primary.cfg', digest: 'ab' }] },
        { leader: 'pg-test-2', files: [] },
      ],
      leader: 'pg-test-1',
      members: [{ instance: 'pg-test-1', address: '10.10.10.11', patroniPort: 8008, patroniTls: true }],
      services: [
        { name: 'pg-test-primary', port: 5433, check: '/primary', servers: ['pg-test-1'], backups: [] },
      ],
      follow: 'report',
      inventoryLeader: 'pg-test-2',
      outsideNodes: 2,
    },
  ],
  keptOwners: ['pg-src'],
}

test('a snapshot crosses the wire unchanged', () => {
  const blobs = new Map([['ab', 'listen x # ü\n']])
  const bytes = connect.responseSerialize({ snapshot: snapshotToWire(snapshot, blobs), nonce: 'n1' })

  const message = connect.responseDeserialize(bytes) as ControllerMessage__Output

  expect(message.body).toBe('snapshot')
  expect(message.nonce).toBe('n1')
  if (!message.snapshot) throw new Error('no snapshot')
  expect(snapshotFromWire(message.snapshot)).toEqual({ snapshot, blobs })
})

test.each<[string, Fault]>([
  [
    'with everything',
    {
      stage: 'validate',
      code: 'HAPROXY_REFUSED',
      owner: 'pg-test',
      file: 'pg-test-primary.cfg',
      line: 3,
      message: 'm',
      haproxy: 'h',
    },
  ],
  ['with the least', { stage: 'swap', code: 'DISK_FULL', message: 'no space left' }],
])('a fault %s crosses the wire unchanged', (_kind, fault) => {
  const bytes = connect.requestSerialize({ nack: { nonce: 'n', fault: faultToWire(fault) } })

  const message = connect.requestDeserialize(bytes) as AgentMessage__Output

  if (!message.nack?.fault) throw new Error('no fault')
  expect(faultFromWire(message.nack.fault)).toEqual(fault)
})

test('a number that cannot be held exactly is refused', () => {
  const bytes = connect.responseSerialize({ snapshot: { version: '9007199254740993' }, nonce: '' })
  const message = connect.responseDeserialize(bytes) as ControllerMessage__Output
  if (!message.snapshot) throw new Error('no snapshot')
  const wire = message.snapshot

  expect(() => snapshotFromWire(wire)).toThrow('not an exact number')
})
