/** Leaders that die, that nobody hears, or that are not the only one. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { followTable } from '../fault-table/follow-rows.ts'
import { cutOff, cutPort, killPrograms, mend } from './faults.ts'
import { serverStates, signalReload } from './haproxy.ts'
import type { Host } from './host.ts'
import { waitFor } from './process.ts'
import { clusterView, leaders, nudge, patronictl, streamingFrom, switchover } from './real/cluster.ts'
import { removeKey } from './real/etcd-keys.ts'
import { differencesOn, followed, toldOf, type Variant, variantOf } from './real/followed.ts'
import { freshAgents } from './real/fresh-agents.ts'
import { whichInstance } from './real/instance.ts'
import { startPatroni } from './real/member.ts'
import { FAST_TIMINGS, PATRONI_FILE } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { rejoined } from './real/rejoined.ts'
import { expectSeen } from './real/row.ts'
import { under } from './real/under.ts'
import { holds } from './real/watch.ts'
import type { TrafficRecord } from './traffic/record.ts'
import { startTraffic, targetsOf } from './traffic.ts'

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
/** Well before another one leads, which takes most of `ttl`. */
const OLD_WORKER_LATER_MS = 5_000
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
      // An old worker's checks are its own: it may find out later, by `inter` and twice `fastinter`.
      const leftMs = Date.now() + OLD_WORKER_LATER_MS
      expect(await whichInstance(system.probe, host(from).address, 5432)).toBe(`${from} primary 5432`)
      const to = await anotherLeader(cluster, from)
      await watch.served(to)
      const late = watch
        .records()
        .filter((one) => one.kind !== 'read' && one.instance === from && one.fromMs > leftMs)
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

  test.concurrent(followTable.nodeCut.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-duo'
    await freshAgents(
      system,
      system.cluster(cluster).map(({ name }) => name),
    )
    const seen = await under(system, cluster, async (from, watch) => {
      const nodes = system.cluster(cluster).map(({ name }) => host(name))
      const variant = await variantOf(system, cluster, from)
      const here = [{ address: '127.0.0.1' }]
      const own = await startTraffic(host(from), [
        ...targetsOf('write', here, [5433, 5436], 200),
        ...targetsOf('session', here, [5433], 200),
      ])
      // Its sessions stay in an old worker from now on.
      await Promise.all(nodes.map(signalReload))
      await host(from).network(false)
      const to = await anotherLeader(cluster, from)
      // Nobody but the member that is cut off takes offline queries, so not all of its clients are served.
      await followed(system, cluster, to, { nodes: [to] })
      const ledMs = Date.now()
      await holds(5_000, () => filesOn(host(from), from, variant))
      watch.returning()
      await host(from).network(true)
      await followed(system, cluster, to)
      await waitFor('its own clients to be served', () => isWriting(own.records(), to) || undefined, {
        timeoutMs: 60_000,
      })
      const records = await own.stop()
      expect(records.filter(({ instance, toMs }) => instance === from && toMs > ledMs)).toEqual([])
    })

    // One reload was ours, before.
    expectSeen(seen, followTable.nodeCut, 1)
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

describe('twice, and without fail-safe mode', () => {
  test.concurrent(followTable.twice.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-test'
    const nodes = system.cluster(cluster).map(({ name }) => name)
    await freshAgents(system, nodes)
    const seen = await under(system, cluster, async (from, watch) => {
      await mayLead('pg-test-3', true)
      const second = await struck(from)
      await replicated(second)
      const third = await struck(second)
      watch.returning()
      for (const name of [from, second]) system.patroni.set(name, await startPatroni(host(name)))
      await rejoined(system, cluster, [from, second])
      await switchover(host(third), { cluster, from: third, to: from })
      await mayLead('pg-test-3', false)
    })

    expectSeen(seen, followTable.twice)
  })

  test.concurrent(followTable.etcdCutUnsafe.fault, { timeout: TIMEOUT_MS }, async () => {
    const cluster = 'pg-duo'
    await freshAgents(
      system,
      system.cluster(cluster).map(({ name }) => name),
    )
    const seen = await under(system, cluster, async (from, watch) => {
      await setFailSafe(host(from), false)
      await cutPort(host(from), system.admin, 2379)
      const to = await anotherLeader(cluster, from)
      await followed(system, cluster, to)
      await watch.served(to)
      watch.returning()
      await mend([host(from)])
      await setFailSafe(host(to), true)
    })

    expectSeen(seen, followTable.etcdCutUnsafe)
  })
})

/**
 * Waits until somebody streams from a new leader. Before that nobody else has the timeline that it has begun: the next
 * leader would give its own the same number, and Patroni 3.0, which compares numbers, would never rewind the other one.
 */
async function replicated(leader: string): Promise<void> {
  const { address } = host(leader)
  // Otherwise it may make the replica's slot only with its next turn.
  await nudge(system.probe, { address }, FAST_TIMINGS)
  await waitFor(
    `a replica to stream from ${leader}`,
    async () => (await streamingFrom(system.probe, address)).length > 0 || undefined,
    { timeoutMs: FAILOVER_MS, everyMs: 50 },
  )
}

/** Kills a leader; its lock ends at once, and not after `ttl`. @returns who leads then, and takes the writes */
async function struck(leader: string): Promise<string> {
  const cluster = leader.slice(0, -2)
  await killPrograms(host(leader), 'patroni', 'postgres')
  await removeKey(system, cluster, 'leader')
  const next = await anotherLeader(cluster, leader)
  await toldOf(host(next), next)
  return next
}

/** Whether a member may be elected, in its Patroni's own configuration. */
async function mayLead(name: string, may: boolean): Promise<void> {
  await host(name).must(['sed', '-i', `s/"nofailover": *[a-z]*/"nofailover":${!may}/`, PATRONI_FILE])
  await patronictl(host(name), ['reload', name.slice(0, -2), name, '--force'])
  await waitFor(
    `the others to know whether ${name} may lead`,
    async () => {
      const view = await clusterView(system.probe, system.cluster(name.slice(0, -2)))
      const own = view.find((member) => member.name === name)
      return (own !== undefined && JSON.stringify(own).includes('nofailover') !== may) || undefined
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
}

async function setFailSafe(member: Host, isOn: boolean): Promise<void> {
  await patronictl(member, ['edit-config', '--force', '-s', `failsafe_mode=${isOn}`])
  const members = system.cluster(member.name.slice(0, -2))
  await Promise.all(
    members.map(({ name, address }) =>
      waitFor(
        `${name} to have read failsafe_mode`,
        async () => {
          const answer = await system.probe.http(`http://${address}:8008/config`).catch(() => undefined)
          return (answer?.status === 200 && JSON.parse(answer.body).failsafe_mode === isOn) || undefined
        },
        { timeoutMs: 60_000, everyMs: 200 },
      ),
    ),
  )
  // It has acted by it after one more turn.
  await sleep((FAST_TIMINGS.loop_wait + 1) * 1_000)
}

/** The files of one cluster on a host, compared with those of a leader; HAProxy's servers are as its checks say. */
async function filesOn(node: Host, leader: string, variant: Variant): Promise<string | undefined> {
  for (const [name, text] of variant.get(node.address) ?? []) {
    const found = await readFile(node.file(`/etc/haproxy/conf.d/${name}`), 'utf8')
    if (found !== text) return `${node.name}: ${name} is not that of ${leader}`
  }
  return undefined
}

/** The last that each client met is an answer of `leader`. */
function isWriting(records: readonly TrafficRecord[], leader: string): boolean {
  const last = new Map(records.map((one) => [`${one.kind} ${one.port}`, one]))
  return [...last.values()].every(({ error, instance }) => error === '' && instance === leader)
}
