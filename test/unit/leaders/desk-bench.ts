/** A leader desk on a real store, with nodes that only remember what they were told. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createEventQuota } from '../../../controller/events/event-quota.ts'
import { createLeaderDesk, type LeaderDesk } from '../../../controller/leaders/leader-desk.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import {
  type LeaderReport,
  type LeaderView,
  noTimings,
  unknownTimeline,
} from '../../../shared/model/leader.ts'
import { commitOf, samplePlan } from '../store/sample.ts'

/** Nodes n1 to n3 serve pg-a, n3 and n4 pg-b. */
export class DeskBench {
  /** `n1 < pg-a pg-a-2 (etcd)` for each hint. */
  readonly told: string[] = []
  readonly warnings: string[] = []
  readonly connected = new Set(['n1', 'n2', 'n3', 'n4'])
  readonly views = new Map<string, readonly LeaderView[]>()
  readonly store: Store
  readonly desk: LeaderDesk
  /** Of both clocks. */
  nowMs = 1_000_000
  private readonly dir = mkdtempSync(join(tmpdir(), 'pgsvc-desk-'))

  constructor() {
    this.store = openStore(join(this.dir, 'pgsvc.db'))
    const log = pino({ level: 'warn' }, { write: (line: string) => this.warnings.push(line) })
    const clock = { now: () => this.nowMs, monotonic: () => this.nowMs }
    this.desk = createLeaderDesk({
      quota: createEventQuota({ clock, log, add: (event) => void this.store.addEvents([event]) }),
      store: this.store,
      nodes: {
        connected: () => [...this.connected],
        hint: (node, { owner, leader, source }) =>
          void this.told.push(`${node} < ${owner} ${leader || '-'} (${source})`),
        views: (node) => this.views.get(node),
      },
      clock,
      log,
    })
  }

  async publish(): Promise<void> {
    await this.store.commit(commitOf(samplePlan('pg-a', ['n1', 'n2', 'n3'], 'one'), 1, {}))
    await this.store.commit(commitOf(samplePlan('pg-b', ['n3', 'n4'], 'one'), 1, { n3: 1 }, 'b1'))
  }

  report(node: string, more: Partial<LeaderReport> & Pick<LeaderReport, 'step'>): Promise<void> {
    const rest = { owner: 'pg-a', leader: 'pg-a-2', before: 'pg-a-1', atMs: 7, source: 'patroni' }
    const timings = more.step === 'moved' ? { ...noTimings, moveMs: 3_000 } : noTimings
    const nothing = { timings, timeline: unknownTimeline, held: undefined }
    return this.desk.report(node, { ...rest, ...nothing, ...more })
  }

  /** The node sends its view again. */
  async observe(node: string, view: LeaderView): Promise<void> {
    const before = this.views.get(node) ?? []
    this.views.set(node, [view])
    await this.desk.observed(before, [view])
  }

  /** `node: message` for each event of kind leader. */
  async events(): Promise<readonly string[]> {
    const events = await this.store.events({ names: [], limit: 100 })
    return events.flatMap(({ kind, node, message }) =>
      kind === 'leader' ? [`${node ?? '-'}: ${message}`] : [],
    )
  }

  async followed(owner = 'pg-a'): Promise<string | undefined> {
    return (await this.store.leader(owner))?.leader
  }

  destroy(): void {
    this.store.close()
    rmSync(this.dir, { recursive: true })
  }
}
