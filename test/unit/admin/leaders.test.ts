import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leadersOf } from '../../../controller/admin/leaders.ts'
import { leadersText } from '../../../controller/cli/leaders-view.ts'
import { decodeMessage, encodeMessage } from '../../../controller/cli/wire-codec.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import { noTimings } from '../../../shared/model/leader.ts'
import type { LeadersResponse__Output } from '../../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import { commitOf, samplePlan } from '../store/sample.ts'

const view = {
  ...{ owner: 'pg-a', leader: 'pg-a-2', confirmed: true, sinceMs: 0, running: 'pg-a-2', timings: noTimings },
  ...({ source: 'patroni', follow: 'on', held: undefined } as const),
}

test('a node that is not connected is there with what it ran last, and sees nothing', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-leaders-'))
  const store = openStore(join(dir, 'pgsvc.db'))
  await store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2'], 'one'), 1, {}))
  await store.recordNode('n2', { applied: [{ owner: 'pg-a', revision: 1, leader: 'pg-a-1' }] })

  const found = await leadersOf(store, { connected: () => ['n1'], views: () => [view] }, [])
  const wire = decodeMessage('LeadersResponse', encodeMessage('LeadersResponse', found))
  store.close()
  rmSync(dir, { recursive: true })

  // What the decoder gives is what the type was made from.
  const lines = leadersText(wire as LeadersResponse__Output).split('\n')
  expect(lines.find((line) => /^pg-a +n1/.test(line))).toMatch(/pg-a-2 +- +pg-a-2 +- +patroni +on +-/)
  expect(lines.find((line) => /^pg-a +n2/.test(line))).toMatch(/n2 +- +- +pg-a-1 .*NODE_OFFLINE: its agent/)
})
