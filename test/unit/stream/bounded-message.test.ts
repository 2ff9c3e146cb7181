/** What agents say, by what the controller lets in: both sides' own code, with the wire's bytes between. */
import { expect, test } from 'vitest'
import { observationMessage, preparedMessage } from '../../../agent/session/messages.ts'
import { emptyState } from '../../../agent/state/state-file.ts'
import { boundedMethod, takeIn } from '../../../controller/stream/bounded-service.ts'
import type { AgentMessage } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'

const method = boundedMethod(AgentService.service.Connect)
const heard = (message: AgentMessage) => takeIn(method.requestDeserialize(method.requestSerialize(message)))

function taken(message: AgentMessage) {
  const bounded = heard(message)
  if ('excess' in bounded) throw new Error(bounded.excess)
  return bounded.message
}

const weightReasons = Array.from(
  { length: 5_040 },
  (_, i) => `weight of pg-c${i}-primary/a is 50 instead of 100`,
)
const times = { stageMs: 0, validateMs: 0, swapMs: 0, reloadMs: 0 }

const prepared = (reasons: readonly string[], liveFiles: readonly { name: string; text: string }[] = []) =>
  preparedMessage(
    'n',
    {
      ...{ change: 'runtime', times, snapshot: { version: 1, assignments: [] }, quarantined: [] },
      comparison: { write: [], remove: [], reasons, causes: [], weights: [] },
      ...{ liveFiles, edited: liveFiles.map(({ name }) => name) },
    },
    emptyState('n1'),
    true,
  )

const seen = {
  ...{ haproxyRunning: true, workerPid: 5, servingApplied: true, servicesDown: [], drift: [] },
  ...{ lastRepair: undefined, lastReload: undefined, oldWorkers: [], leaders: [], certificate: undefined },
}

test('of thousands of reasons some are told, with how many more there are', () => {
  const lastReload = { atMs: 1, reasons: weightReasons, sessionsLeft: 0 }

  const { ack } = taken(prepared(weightReasons))
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

  const { ack } = taken(prepared([], files.slice(1)))

  expect(ack?.liveFiles).toHaveLength(10_000)
  expect(ack?.replacedEdits).toHaveLength(10_000)
  expect(heard({ ack: { replacedEdits: files.map(({ name }) => ({ name })) } })).toEqual({
    excess: 'replacedEdits has 10001 entries, and 10000 are the most',
  })
  expect(heard(prepared([], files))).toEqual({
    excess: 'liveFiles has 10001 entries, and 10000 are the most',
  })
})
