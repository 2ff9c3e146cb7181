/** Leaders that change while parts of pgsvc itself, or etcd, are not there or busy. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePatroniStatus } from '../../agent/follow/patroni-status.ts'
import { type LeaderReport, noTimings, type Timeline } from '../../shared/model/leader.ts'
import { followTable } from '../fault-table/follow-rows.ts'
import { freezePrograms, killPrograms, thaw } from './faults.ts'
import { mustShell } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { leaders, switchover } from './real/cluster.ts'
import { startEtcd } from './real/etcd.ts'
import { differencesOn, followed, toldOf, variantOf } from './real/followed.ts'
import { freshAgents } from './real/fresh-agents.ts'
import { startPatroni } from './real/member.ts'
import { FAST_TIMINGS } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { expectSeen } from './real/row.ts'
import { under } from './real/under.ts'
import { holds } from './real/watch.ts'
import { restartAgent, restartController } from './system.ts'
import { failuresOf } from './traffic-verdict.ts'

let system: RealSystem

beforeAll(async () => {
  system = await startRealSystem({
    timings: FAST_TIMINGS,
    loginRetryS: 1,
    // Who takes offline queries is taken out of that service when it leads, with the queries that run.
    tags: { 'pg-test-3': { nofailover: true } },
  })
  expect(await system.run("pgsql-svc 'pg-*'")).toMatchObject({ status: 0 })
}, 300_000)
afterAll(() => system?.stop())

const TIMEOUT_MS = 300_000
const CLUSTERS = ['pg-test', 'pg-duo', 'pg-meta'] as const
const host = (name: string) => system.lab.host(name)
const other = (leader: string) => leader.replace(/\d$/, (seq) => (seq === '1' ? '2' : '1'))
const nodesOf = (cluster: string) =>
  cluster === 'pg-meta' ? ['proxy-1', 'proxy-2'] : system.cluster(cluster).map(({ name }) => name)

/** Runs `action` once, when as many have come as are awaited; then all go on. */
function meeting(awaited: number, action: () => Promise<unknown>): () => Promise<void> {
  const all = Promise.withResolvers<void>()
  let here = 0
  return async () => {
    here += 1
    if (here === awaited) await action().then(() => all.resolve(), all.reject)
    await all.promise
  }
}

const switchFrom = (from: string) =>
  switchover(host(from), { cluster: from.slice(0, -2), from, to: other(from) })

/** Waits until a member leads that did not. */
function anotherLeader(cluster: string, before: string): Promise<string> {
  return waitFor(
    `another leader of ${cluster}`,
    async () => (await leaders(system.probe, system.cluster(cluster))).find((name) => name !== before),
    { timeoutMs: 120_000, everyMs: 200 },
  )
}

const killController = async () => {
  system.controller.kill()
  await system.controller.exited
}

const killAgent = async (name: string) => {
  system.agents.get(name)?.kill()
  await system.agents.get(name)?.exited
}

const told = (node: string, leader: string) => toldOf(host(node), leader)

describe('the controller', () => {
  test(followTable.controllerDead.fault, { timeout: TIMEOUT_MS }, async () => {
    const dead = meeting(CLUSTERS.length, killController)
    const back = meeting(CLUSTERS.length, () => restartController(system))

    const strike = async (from: string, cluster: string) => {
      if (cluster !== 'pg-test') return await switchFrom(from)
      await killPrograms(host(from), 'patroni', 'postgres')
    }
    const all = CLUSTERS.map((cluster) =>
      under(system, cluster, async (from, watch) => {
        await dead()
        await strike(from, cluster)
        const to = await anotherLeader(cluster, from)
        await followed(system, cluster, to, { nodes: nodesOf(cluster) })
        await watch.served(to)
        watch.returning()
        if (cluster === 'pg-test') system.patroni.set(from, await startPatroni(host(from)))
        await back()
      }),
    )

    for (const seen of await Promise.all(all)) expectSeen(seen, followTable.controllerDead)
  })

  test(followTable.controllerDies.fault, { timeout: TIMEOUT_MS }, async () => {
    const first = Promise.withResolvers<void>()
    const dead = meeting(2, killController)
    const back = meeting(2, () => restartController(system))

    const whenTold = under(system, 'pg-test', async (from) => {
      await switchFrom(from)
      await Promise.all(nodesOf('pg-test').map((node) => told(node, other(from))))
      first.resolve()
      await dead()
      await followed(system, 'pg-test', other(from), { nodes: nodesOf('pg-test') })
      await back()
    })
    const meanwhile = under(system, 'pg-duo', async (from) => {
      await first.promise
      const done = switchFrom(from)
      await waitFor(
        `${from} to stop leading`,
        async () => !(await leaders(system.probe, system.cluster('pg-duo'))).includes(from) || undefined,
        { timeoutMs: 60_000, everyMs: 50 },
      )
      await dead()
      await done
      await followed(system, 'pg-duo', other(from), { nodes: nodesOf('pg-duo') })
      await back()
    })

    for (const seen of await Promise.all([whenTold, meanwhile])) expectSeen(seen, followTable.controllerDies)
  })
})

describe('agents and proxies', () => {
  beforeAll(() => Promise.all(CLUSTERS.map((cluster) => freshAgents(system, nodesOf(cluster)))))

  test.concurrent(followTable.agentDead.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-duo', async (from, watch) => {
      const to = other(from)
      await killAgent(to)
      await switchFrom(from)
      await followed(system, 'pg-duo', to, { nodes: [from] })
      await told(to, to)
      await restartAgent(system, to)
      await watch.served(to)
    })

    expectSeen(seen, followTable.agentDead)
  })

  test.concurrent(followTable.agentDies.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-test', async (from) => {
      const variant = await variantOf(system, 'pg-test', from)
      await switchFrom(from)
      await told('pg-test-3', other(from))
      await killAgent('pg-test-3')
      const [wrong, ...more] = await differencesOn(
        host('pg-test-3'),
        'pg-test',
        other(from),
        variant.get(host('pg-test-3').address) ?? new Map(),
      )
      expect([wrong, ...more], 'files of before').toEqual([undefined])
      await restartAgent(system, 'pg-test-3')
    })

    expectSeen(seen, followTable.agentDies)
  })

  test.concurrent(followTable.proxyOff.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-meta', async (from, watch) => {
      await host('proxy-2').kill()
      await switchFrom(from)
      await followed(system, 'pg-meta', other(from), { nodes: ['proxy-1'] })
      await watch.served(other(from), ['proxy-1'])
      await system.powerOn('proxy-2')
    })

    expectSeen(seen, followTable.proxyOff)
  })
})

/** One more service of pg-duo. */
const MORE = `
        pg_services:
          - { name: standby ,port: 5435 ,dest: postgres ,check: /health ,selector: "[]" }`

describe('at the same time', () => {
  beforeAll(() => Promise.all(['pg-test', 'pg-duo'].map((cluster) => freshAgents(system, nodesOf(cluster)))))

  test.concurrent(followTable.flapping.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-test', async (from) => {
      for (const leader of [from, other(from), from]) {
        // A member that has just been demoted is no candidate for a moment.
        await waitFor('the next switchover', () => switchFrom(leader).catch(() => undefined), {
          timeoutMs: 60_000,
          everyMs: 100,
        })
        await told('pg-test-3', other(leader))
      }
    })

    expectSeen(seen, followTable.flapping)
  })

  test.concurrent(followTable.publishing.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-duo', async (from) => {
      const to = other(from)
      // The publish waits for an answer of this one.
      freezePrograms(host(to), 'agent')
      await system.edit('pg_cluster: pg-duo', `pg_cluster: pg-duo${MORE}`)
      const published = system.run('pgsql-svc pg-duo')
      await waitFor('the publish to be under way', async () => {
        const names = await readdir(host(from).file('/etc/haproxy/pgsvc'))
        return names.some((name) => name.startsWith('stage-')) || undefined
      })
      await switchFrom(from)
      await told(from, to)
      thaw(host(to))
      expect(await published).toMatchObject({ status: 0 })
    })

    expectSeen(seen, followTable.publishing)
  })
})

describe('etcd', () => {
  test(followTable.etcdDown.fault, { timeout: TIMEOUT_MS }, async () => {
    const down = meeting(2, async () => {
      system.etcd.kill()
      await system.etcd.exited
    })
    const back = meeting(2, async () => {
      system.etcd = await startEtcd(system.admin)
    })
    const OUTAGE_MS = (FAST_TIMINGS.ttl + FAST_TIMINGS.loop_wait) * 1_000

    const held = under(system, 'pg-test', async (from) => {
      const variant = await variantOf(system, 'pg-test', from)
      await down()
      await holds(OUTAGE_MS, async () => {
        const wrong = [...variant].map(([address, files]) =>
          differencesOn(host(address), 'pg-test', from, files),
        )
        return (await Promise.all(wrong)).flat()[0]
      })
      await back()
    })
    const givenUp = under(system, 'pg-duo', async (from) => {
      await killPrograms(host(other(from)), 'patroni')
      await down()
      await waitFor(
        'the leader to give up',
        async () => (await leaders(system.probe, system.cluster('pg-duo'))).length === 0 || undefined,
        { timeoutMs: 90_000, everyMs: 200 },
      )
      await back()
      await waitFor(
        'the leader to lead again',
        async () => (await leaders(system.probe, system.cluster('pg-duo'))).includes(from) || undefined,
        { timeoutMs: 90_000, everyMs: 200 },
      )
      system.patroni.set(other(from), await startPatroni(host(other(from))))
    })

    const [quiet, alone] = await Promise.all([held, givenUp])
    expectSeen(quiet, followTable.etcdDown)
    expectSeen(alone, followTable.etcdDownAlone)
  })
})

/** Whose name a claim of the past is made in. */
const claimant = 'pg-test-3'

/** As if an agent had just seen that somebody leads. */
async function claim(name: string, what: Pick<LeaderReport, 'leader' | 'timeline'>): Promise<void> {
  const program = path.join(import.meta.dirname, 'claim/main.ts')
  const plain = { owner: name.slice(0, -2), step: 'confirmed', before: '', source: 'patroni' } as const
  const report: LeaderReport = { ...plain, atMs: Date.now(), timings: noTimings, held: undefined, ...what }
  await host(name).must([process.execPath, program, host(name).address, JSON.stringify(report)])
}

/** The one before that on which a member leads. */
async function formerTimeline(leader: string): Promise<Timeline> {
  const { body } = await system.probe.http(`http://${host(leader).address}:8008/patroni`)
  const status = parsePatroniStatus(body)
  if (status === undefined) throw new Error(`${leader} answered ${body}`)
  return { ...status.timeline, timeline: status.timeline.timeline - 1 }
}

/** How many claims of the past each agent has refused to look into, by its log. */
async function refusals(names: readonly string[]): Promise<readonly number[]> {
  const logs = await system.lab.logs()
  return names.map((name) => (logs.get(`${name}/agent`) ?? '').split('a claim of the past').length - 1)
}

describe('members', () => {
  test(followTable.stale.fault, { timeout: TIMEOUT_MS }, async () => {
    const seen = await under(system, 'pg-test', async (from) => {
      const variant = await variantOf(system, 'pg-test', from)
      await mustShell(host(other(from)), 'pgsvc notify on_role_change master pg-test')
      await killAgent(claimant)
      await claim(claimant, { leader: other(from), timeline: await formerTimeline(from) })
      await waitFor(
        'the others to have been told of it',
        async () => (await refusals([from, other(from)])).every((count) => count > 0) || undefined,
        { timeoutMs: 30_000, everyMs: 200 },
      )
      await restartAgent(system, claimant)
      await holds(3_000, async () => {
        const wrong = [...variant].map(([address, files]) =>
          differencesOn(host(address), 'pg-test', from, files),
        )
        return (await Promise.all(wrong)).flat()[0]
      })
    })

    expectSeen(seen, followTable.stale)
    expect(failuresOf(seen.records)).toEqual([])
    const confirmed = seen.events.filter(({ leader }) => leader?.step === 'confirmed')
    expect(confirmed.map(({ node }) => node)).toEqual([host(claimant).address])
  })

  test(followTable.grown.fault, { timeout: TIMEOUT_MS }, async () => {
    const four = { name: 'pg-test-4', address: '10.10.10.20', cluster: 'pg-test' }
    const third = '10.10.10.13: { pg_seq: 3, pg_role: replica, pg_offline_query: true }'
    const line = '\n        10.10.10.20: { pg_seq: 4, pg_role: replica }'
    const seen = await under(system, 'pg-test', async (from) => {
      await system.addReplica(four)
      await system.edit(third, `${third}${line}`)
      expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
      await followed(system, 'pg-test', from)
      await system.edit(line, '')
      expect(await system.run('pgsql-svc pg-test --allow-shrink')).toMatchObject({ status: 0 })
    })

    expectSeen(seen, followTable.grown)
    expect(failuresOf(seen.records)).toEqual([])
  })
})
