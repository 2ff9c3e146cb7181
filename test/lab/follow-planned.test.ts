/** Changes of leader that somebody wants, or says so: at no time is a service away for longer than with stock HAProxy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followTable } from '../fault-table/follow-rows.ts'
import { freezeTitled, thaw } from './faults.ts'
import { waitFor } from './process.ts'
import { leaders, patronictl, switchover } from './real/cluster.ts'
import { readKey, writeKey } from './real/etcd-keys.ts'
import { differencesOn, type Variant, variantOf } from './real/followed.ts'
import { FAST_TIMINGS } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { expectSeen } from './real/row.ts'
import { nobodyIsSpared } from './real/spared.ts'
import { startStock } from './real/stock.ts'
import { type Befallen, lostBy, under } from './real/under.ts'
import { holds, type Watch } from './real/watch.ts'
import type { TrafficTarget } from './traffic/record.ts'
import { failuresOf, longestGapMs } from './traffic-verdict.ts'

let system: RealSystem

beforeAll(async () => {
  system = await startRealSystem({
    timings: FAST_TIMINGS,
    loginRetryS: 1,
    tags: { 'pg-test-3': { nofailover: true } },
    settings: { controller: 'etcd_endpoints: [ "10.10.10.10:2379" ]\n' },
  })
  expect(await system.run("pgsql-svc 'pg-*'")).toMatchObject({ status: 0 })
  await startStock(system, ['pg-duo', 'pg-meta'])
}, 300_000)
afterAll(() => system?.stop())

const host = (name: string) => system.lab.host(name)
const other = (leader: string) => leader.replace(/\d$/, (seq) => (seq === '1' ? '2' : '1'))

/** Clients of the same kind through a node of ours and through the stock HAProxy, often enough to compare. */
function compared(cluster: string): readonly TrafficTarget[] {
  const [node, port] = cluster === 'pg-meta' ? ['10.10.10.19', 10018] : ['10.10.10.15', 5436]
  return [node, system.admin.address].map((address) => ({
    ...{ kind: 'write', host: address, port, everyMs: 100 },
  }))
}

/** What they lost: a gap between two writes that went through, milliseconds. */
function gaps(cluster: string, { records }: Befallen) {
  const [ours, stock] = compared(cluster).map(({ host: address, port }) =>
    longestGapMs(records.filter((one) => one.kind === 'write' && one.host === address && one.port === port)),
  )
  return { oursMs: ours ?? 0, stockMs: stock ?? 0 }
}

/** The interval of the two clients, and what a busy machine may put between them. */
const SLACK_MS = 1_000

function expectNotLonger(cluster: string, seen: Befallen): void {
  const { oursMs, stockMs } = gaps(cluster, seen)
  expect(oursMs, 'gap between writes, stock HAProxy').toBeLessThan(stockMs + SLACK_MS)
}

/** Schedules a switchover, soon; on a busy machine `patronictl` may come too late for that. @returns when, since 1970 */
async function schedule(cluster: string, from: string): Promise<number> {
  for (const aheadMs of [8_000, 30_000]) {
    const atMs = Date.now() + aheadMs
    const scheduled = new Date(atMs).toISOString()
    const done = await switchover(host(from), { cluster, from, to: other(from), scheduled }).then(
      () => true,
      () => false,
    )
    if (done) return atMs
  }
  throw new Error(`no switchover of ${cluster} could be scheduled`)
}

/** Nobody has done anything: files, servers and clients are as they were. */
async function stands(cluster: string, leader: string, variant: Variant, watch: Watch) {
  const [failure] = failuresOf(watch.records())
  if (failure) return `a client failed: ${JSON.stringify(failure)}`
  const wrong = await Promise.all(
    [...variant].map(([address, files]) => differencesOn(host(address), cluster, leader, files)),
  )
  return wrong.flat()[0]
}

describe('intentions', () => {
  test.concurrent(followTable.refused.fault, async () => {
    const cluster = 'pg-test'
    const seen = await under(system, cluster, async (leader, watch) => {
      const variant = await variantOf(system, cluster, leader)
      const intend = async (intention: object) => {
        await writeKey(system, cluster, 'failover', JSON.stringify(intention))
        await waitFor(
          'Patroni to refuse',
          async () => /^(\{\})?$/.test(await readKey(system, cluster, 'failover')) || undefined,
          { timeoutMs: 60_000, everyMs: 200 },
        )
      }
      await expect(switchover(host(leader), { cluster, from: leader, to: 'pg-test-3' })).rejects.toThrow()
      await intend({ leader: 'pg-test-9', member: other(leader) })
      await intend({ leader, member: 'pg-test-3' })
      const scheduled = new Date(Date.now() + 3_600_000).toISOString()
      await switchover(host(leader), { cluster, from: leader, to: other(leader), scheduled })
      await patronictl(host(leader), ['flush', cluster, 'switchover', '--force'])
      await holds(2_000, () => stands(cluster, leader, variant, watch))
    })

    expectSeen(seen, followTable.refused)
    expect(failuresOf(seen.records)).toEqual([])
    // A busy machine may make a node suspect something, and find nothing.
    const steps = seen.events.map(({ leader }) => leader?.step)
    expect(steps.filter((step) => step !== 'suspected' && step !== 'unchanged')).toEqual([])
  })

  test.concurrent(followTable.scheduled.fault, async () => {
    const cluster = 'pg-meta'
    const seen = await under(
      system,
      cluster,
      async (from, watch) => {
        const variant = await variantOf(system, cluster, from)
        const atMs = await schedule(cluster, from)
        await holds(atMs - Date.now() - 1_000, async () => {
          const wrong = await stands(cluster, from, variant, watch)
          // A look that took until then may have seen the switchover itself.
          return Date.now() < atMs ? wrong : undefined
        })
        await waitFor(
          'the switchover',
          async () =>
            (await leaders(system.probe, system.cluster(cluster))).includes(other(from)) || undefined,
          { timeoutMs: 60_000, everyMs: 100 },
        )
      },
      compared(cluster),
    )

    expectSeen(seen, followTable.scheduled)
    expect(await lostBy(system, seen.to, seen)).toEqual([])
    expectNotLonger(cluster, seen)
  })

  test.concurrent(followTable.checkpoint.fault, async () => {
    const cluster = 'pg-duo'
    const seen = await under(
      system,
      cluster,
      async (from, watch) => {
        const variant = await variantOf(system, cluster, from)
        freezeTitled(host(from), /^postgres: .*checkpointer/)
        const done = switchover(host(from), { cluster, from, to: other(from) })
        await waitFor(
          'the intention',
          async () => (await readKey(system, cluster, 'failover')).includes(from) || undefined,
          { everyMs: 50 },
        )
        await holds(6_000, () => stands(cluster, from, variant, watch))
        expect(await leaders(system.probe, system.cluster(cluster))).toEqual([from])
        thaw(host(from))
        await done
      },
      compared(cluster),
    )

    expectSeen(seen, followTable.checkpoint)
    expect(await lostBy(system, seen.to, seen)).toEqual([])
    expectNotLonger(cluster, seen)
  })
})

describe('there and back', () => {
  const row = followTable.switchover
  test.concurrent.each(['pg-test', 'pg-duo', 'pg-meta'])(`${row.fault}: %s`, async (cluster) => {
    // Where the way there was one of those above: from the third change on it would be called flapping.
    const ways = cluster === 'pg-test' ? ['there', 'back'] : ['back']
    const isCompared = cluster !== 'pg-test'
    for (const way of ways) {
      if (way === 'back') {
        await nobodyIsSpared(system, cluster)
        await expectPublishLeaves(cluster)
      }
      const seen = await under(
        system,
        cluster,
        (from) => switchover(host(from), { cluster, from, to: other(from) }),
        isCompared ? compared(cluster) : [],
      )
      expectSeen(seen, row)
      expect(await lostBy(system, seen.to, seen)).toEqual([])
      if (isCompared) expectNotLonger(cluster, seen)
    }
  })
})

/** What an operator changes about each cluster while another one leads than the inventory says. */
const EDITS: Readonly<Record<string, readonly [string, string]>> = {
  'pg-test': ['maxconn: 5000', 'maxconn: 4000'],
  'pg-duo': [
    'pg_cluster: pg-duo',
    'pg_cluster: pg-duo\n        pg_services: [ { name: standby ,port: 5435 ,check: /health ,selector: "[]" } ]',
  ],
  'pg-meta': ['name: default ,port: 10018', 'name: default ,maxconn: 2000 ,port: 10018'],
}

/** The change goes through, the variant of the followed leader stays, and that is said. */
async function expectPublishLeaves(cluster: string): Promise<void> {
  const leader = `${cluster}-2`
  const [before = '', after = ''] = EDITS[cluster] ?? []
  await system.edit(before, after)
  const published = await system.run(`pgsql-svc ${cluster}`)
  expect(published).toMatchObject({ status: 0 })
  expect(published.stdout).toContain(`Patroni says ${leader} since`)
  expect(published.stdout).toContain('its variant stays in place')
  expect(published.stdout).toContain('reloaded')
  for (const [address, files] of await variantOf(system, cluster, leader)) {
    expect(await differencesOn(host(address), cluster, leader, files)).toEqual([])
  }
}
