/** Leaders that die, that nobody hears, or that are not the only one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followTable } from '../fault-table/follow-rows.ts'
import { cutOff, cutPort, killPrograms, mend } from './faults.ts'
import { serverStates, signalReload } from './haproxy.ts'
import { waitFor } from './process.ts'
import { leaders, switchover } from './real/cluster.ts'
import { removeKey } from './real/etcd-keys.ts'
import { differencesOn, followed, variantOf } from './real/followed.ts'
import { whichInstance } from './real/instance.ts'
import { startPatroni } from './real/member.ts'
import { FAST_TIMINGS } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { expectSeen } from './real/row.ts'
import { under } from './real/under.ts'
import { holds } from './real/watch.ts'

let system: RealSystem

beforeAll(async () => {
  system = await startRealSystem({
    timings: FAST_TIMINGS,
    loginRetryS: 1,
    // Who takes offline queries is taken out of that service when it leads, with the queries that run.
    tags: { 'pg-test-3': { nofailover: true } },
    settings: { agent: 'follow_stable_ms: 1000\n' },
  })
  expect(await system.run("pgsql-svc 'pg-*'")).toMatchObject({ status: 0 })
}, 300_000)
afterAll(() => system?.stop())

const TIMEOUT_MS = 300_000
/** `ttl`, the election, and a machine that is busy. */
const FAILOVER_MS = 120_000
const host = (name: string) => system.lab.host(name)
const other = (leader: string) => leader.replace(/\d$/, (seq) => (seq === '1' ? '2' : '1'))

/** Waits until a member leads that did not, whatever the old one says. */
function anotherLeader(cluster: string, before: string): Promise<string> {
  return waitFor(
    `another leader of ${cluster}`,
    async () => (await leaders(system.probe, system.cluster(cluster))).find((name) => name !== before),
    { timeoutMs: FAILOVER_MS, everyMs: 200 },
  )
}

describe('killed', () => {
  test.concurrent(followTable.killed.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-test'
    const seen = await under(system, cluster, async (from, watch) => {
      await killPrograms(host(from), 'patroni', 'postgres')
      const to = await anotherLeader(cluster, from)
      await followed(system, cluster, to, { nodes: system.cluster(cluster).map(({ name }) => name) })
      await watch.served(to)
      watch.returning()
      system.patroni.set(from, await startPatroni(host(from)))
    })

    expectSeen(seen, followTable.killed)
  })

  test.concurrent(followTable.patroniKilled.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-duo'
    const seen = await under(system, cluster, async (from, watch) => {
      const nodes = system.cluster(cluster).map(({ name }) => host(name))
      // The sessions that are there stay in old workers from now on.
      await Promise.all(nodes.map(signalReload))
      await watch.served(from)
      await killPrograms(host(from), 'patroni')
      await waitFor(
        'HAProxy to leave it',
        async () => {
          const states = await Promise.all(nodes.map(serverStates))
          const servers = states.flatMap((each) => [
            each.get(`${cluster}-primary/${from}`),
            each.get(`${cluster}-default/${from}`),
          ])
          return servers.every((state) => state === 'DOWN') || undefined
        },
        { timeoutMs: 60_000, everyMs: 50 },
      )
      const leftMs = Date.now() + 1_000
      expect(await whichInstance(system.probe, host(from).address, 5432)).toBe(`${from} primary 5432`)
      const to = await anotherLeader(cluster, from)
      await watch.served(to)
      const late = watch
        .records()
        .filter((one) => one.kind !== 'read' && one.instance === from && one.toMs > leftMs)
      expect(late).toEqual([])
      watch.returning()
      system.patroni.set(from, await startPatroni(host(from)))
    })

    // One reload was ours, before.
    expectSeen(seen, followTable.patroniKilled, 1)
  })

  test.concurrent(followTable.postgresKilled.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-meta'
    const seen = await under(system, cluster, async (from) => {
      await killPrograms(host(from), 'postgres')
    })

    expectSeen(seen, followTable.postgresKilled)
  })
})

describe('cut off', () => {
  test.concurrent(followTable.etcdCut.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-test'
    const seen = await under(system, cluster, async (from) => {
      const variant = await variantOf(system, cluster, from)
      await cutPort(host(from), system.admin, 2379)
      await holds((FAST_TIMINGS.ttl + FAST_TIMINGS.loop_wait) * 1_000, async () => {
        const wrong = await Promise.all(
          [...variant].map(([address, files]) => differencesOn(host(address), cluster, from, files)),
        )
        return wrong.flat()[0]
      })
      await mend([host(from)])
    })

    expectSeen(seen, followTable.etcdCut)
  })

  test.concurrent(followTable.controllerCut.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-duo'
    const seen = await under(system, cluster, async (from) => {
      await cutPort(host(from), system.admin, 9750)
      await switchover(host(from), { cluster, from, to: other(from) })
      await followed(system, cluster, other(from), { nodes: [from, other(from)] })
      await mend([host(from)])
    })

    expectSeen(seen, followTable.controllerCut)
  })

  test.concurrent(followTable.hostCut.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-meta'
    const seen = await under(system, cluster, async (from, watch) => {
      await host(from).network(false)
      const to = await anotherLeader(cluster, from)
      await watch.served(to)
      watch.returning()
      await host(from).network(true)
    })

    expectSeen(seen, followTable.hostCut)
  })
})

describe('gone, and more than one', () => {
  test.concurrent(followTable.powerLoss.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-test'
    const seen = await under(system, cluster, async (from, watch) => {
      const left = system
        .cluster(cluster)
        .map(({ name }) => name)
        .filter((name) => name !== from)
      await host(from).kill()
      const to = await anotherLeader(cluster, from)
      await followed(system, cluster, to, { nodes: left })
      await watch.served(to, left)
      await system.powerOn(from)
    })

    expectSeen(seen, followTable.powerLoss)
  })

  test.concurrent(followTable.twoLeaders.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-meta'
    const seen = await under(system, cluster, async (from, watch) => {
      await cutOff(host(from), [system.admin, host(other(from))])
      await removeKey(system, cluster, 'leader')
      await waitFor(
        'two leaders to be told',
        async () => (await watch.events()).some((event) => event.leader?.code === 'TWO_LEADERS') || undefined,
        { timeoutMs: 30_000, everyMs: 500 },
      )
      await anotherLeader(cluster, from)
      await watch.served(other(from))
      await mend([host(from), system.admin, host(other(from))])
    })

    expectSeen(seen, followTable.twoLeaders)
  })
})
