/** What agents say, by what the controller lets in: both sides' own code, with the wire's bytes between. */
import { expect, test } from 'vitest'
import {
  appliedMessage,
  nackMessage,
  observationMessage,
  preparedMessage,
  standingOf,
} from '../../../agent/session/messages.ts'
import { emptyState } from '../../../agent/state/state-file.ts'
import { boundedMethod, takeIn } from '../../../controller/stream/bounded-service.ts'
import { type LeaderView, noTimings } from '../../../shared/model/leader.ts'
import type { Assignment } from '../../../shared/model/snapshot.ts'
import type { AgentMessage } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'

const method = boundedMethod(AgentService.service.Connect)
const heard = (message: AgentMessage) => takeIn(method.requestDeserialize(method.requestSerialize(message)))

function taken(message: AgentMessage) {
  const bounded = heard(message)
  if ('excess' in bounded) throw new Error(bounded.excess)
  return bounded.message
}

const times = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }
const comparison = { write: [], remove: [], reasons: [], causes: [], weights: [] }
const change = 'runtime' as const
const set = {
  ...{ change, times, comparison, snapshot: { version: 1, assignments: [] } },
  ...{ quarantined: [], liveFiles: [], edited: [] },
} as const
const prepared = (more: Partial<Parameters<typeof preparedMessage>[1]>) =>
  preparedMessage('n', { ...set, ...more }, emptyState('n1'), true)
const seen = {
  ...{ haproxyRunning: true, workerPid: 5, servingApplied: true, servicesDown: [], drift: [] },
  ...{ lastRepair: undefined, lastReload: undefined, oldWorkers: [], leaders: [], certificate: undefined },
}

const weightReasons = Array.from({ length: 5_040 }, (_, i) => `weight of pg-c${i}/a is 50 instead of 100`)

test('of thousands of reasons some are told, with how many more there are', () => {
  const lastReload = { atMs: 1, reasons: weightReasons, sessionsLeft: 0 }

  const { ack } = taken(prepared({ comparison: { ...comparison, reasons: weightReasons } }))
  const { observation } = taken(observationMessage({ ...seen, lastReload }, null))

  expect(ack?.reasons).toEqual([...weightReasons.slice(0, 100), 'and 4940 more'])
  expect(observation?.lastReload?.reasons).toEqual(ack?.reasons)
})

test('an agent that tells all its reasons is not turned away for that', () => {
  const { ack } = taken({ ack: { reasons: weightReasons } })
  const { observation } = taken({ observation: { lastReload: { reasons: weightReasons } } })

  expect(ack?.reasons).toEqual([...weightReasons.slice(0, 100), 'and 4940 more'])
  expect(observation?.lastReload?.reasons).toEqual(ack?.reasons)
})

test('files that come and files that go are named in one answer, and no more', () => {
  const files = Array.from({ length: 10_001 }, (_, i) => ({ name: `pg-c${i}-primary.cfg`, text: 'x' }))
  const liveFiles = files.slice(1)

  const { ack } = taken(prepared({ liveFiles, edited: liveFiles.map(({ name }) => name) }))

  expect(ack?.liveFiles).toHaveLength(10_000)
  expect(ack?.replacedEdits).toHaveLength(10_000)
  expect(heard({ ack: { replacedEdits: files.map(({ name }) => ({ name })) } })).toEqual({
    excess: 'replacedEdits has 10001 entries, and 10000 are the most',
  })
  expect(heard(prepared({ liveFiles: files }))).toEqual({
    excess: 'liveFiles has 10001 entries, and 10000 are the most',
  })
})

/** As many as a node may have, each with all that is ever told of HAProxy's words, and no letter of it in ASCII. */
const owners = Array.from({ length: 5_000 }, (_, i) => `pg-cluster-${i}`)
const quarantined = owners.map((owner) => {
  const words = { message: 'ü'.repeat(1_000), haproxy: '€'.repeat(4_096) }
  const place = { owner, file: `${owner}-primary.cfg`, line: 3 }
  const fault = { stage: 'validate', code: 'HAPROXY_REFUSED', ...place, ...words } as const
  return { owner, revision: 2, keptRevision: 1, fault, content: '' }
})
const faults = quarantined.map(({ fault }) => fault)
const refused = { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'all of them' } as const
const assignments = owners.map((owner): Assignment => {
  const names = { owner, leader: `${owner}-1`, inventoryLeader: `${owner}-1` }
  return { ...names, revision: 1, variants: [], members: [], services: [], follow: 'on', outsideNodes: 0 }
})
const state = { ...emptyState('n1'), quarantined, snapshot: { version: 1, assignments } }
const applied = { kind: 'applied', change, times, generation: 1, reasons: [], causes: [] } as const
const unlike = { kind: 'changed', action: 'left' } as const
const drift = owners.map((owner, i) => ({
  ...unlike,
  ...{ name: `${owner}-primary.cfg`, owner, diff: i < 128 ? 'x'.repeat(8 << 10) : '' },
}))
const leaders = owners.map((owner): LeaderView => {
  const names = { owner, leader: `${owner}-2`, running: `${owner}-1`, source: 'haproxy' }
  const held = { code: 'FLAPPING', message: 'the leader changed three times within a minute' }
  return { ...names, confirmed: true, sinceMs: Date.now(), timings: noTimings, follow: 'on', held }
})

test.each<[string, () => AgentMessage]>([
  ['a set that could be', () => prepared({ quarantined })],
  ['a set in place', () => appliedMessage('n', applied, { oldWorkers: 0, sessionsLeft: 0 }, state)],
  ['a refusal', () => nackMessage({ nonce: 'n', version: 1, prepared: true }, refused, state, faults)],
  ['what is seen', () => observationMessage({ ...seen, drift, leaders }, standingOf(state))],
])('%s with every owner at fault is taken, and names them all', (_what, message) => {
  const { ack, nack, observation } = taken(message())

  const left = ack?.quarantined ?? observation?.standing?.quarantined ?? []
  const told = nack?.faults ?? left.map(({ fault }) => fault)
  expect(told.map((fault) => fault?.owner)).toEqual(owners)
  expect(told[0]).toMatchObject({ message: faults[0]?.message, haproxy: faults[0]?.haproxy })
  expect(told.some((fault) => fault?.haproxy === `${'€'.repeat(199)}…`)).toBe(true)
  expect(told.at(-1)).toMatchObject({ message: `${'ü'.repeat(79)}…`, haproxy: '' })
})

test('words that have room are told as they are', () => {
  const few = quarantined.slice(0, 20)

  const { ack } = taken(prepared({ quarantined: few }))

  expect(ack?.quarantined.map(({ fault }) => fault)).toMatchObject(
    few.map(({ fault: { haproxy } }) => ({ haproxy })),
  )
})
