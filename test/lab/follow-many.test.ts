/** One cluster among many on the same proxies. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followTable } from '../fault-table/follow-rows.ts'
import { fleetGroups, fleetOf, startFleet } from './fleet.ts'
import { serverStates } from './haproxy.ts'
import { shell } from './pgsvc.ts'
import { waitFor } from './process.ts'
import { switchover } from './real/cluster.ts'
import { FAST_TIMINGS } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'
import { expectSeen } from './real/row.ts'
import { under } from './real/under.ts'
import { whoAnswers } from './services.ts'

const FLEET = fleetOf(49)
const PROXIES = ['10.10.10.18', '10.10.10.19']
let system: RealSystem

beforeAll(async () => {
  system = await startRealSystem({ parts: ['proxy'], timings: FAST_TIMINGS, loginRetryS: 1 })
  await startFleet(system.lab, FLEET)
  await system.edit('\n  vars:\n    version:', `${fleetGroups(FLEET)}\n  vars:\n    version:`)
  expect(await system.run("pgsql-svc 'pg-*'")).toMatchObject({ status: 0 })
}, 300_000)
afterAll(() => system?.stop())

/** What clients of the others get that is not an answer of their leader. */
async function strays(): Promise<readonly string[]> {
  const wanted = new Map<string, string>(
    FLEET.flatMap(({ port, addresses: [primary] }) =>
      PROXIES.map((proxy) => [`${proxy}:${port}`, `${primary} primary`] as const),
    ),
  )
  const got = await whoAnswers(system.admin, [...wanted.keys()])
  return [...got].flatMap(([target, [answer = '']]) =>
    answer === wanted.get(target) ? [] : [`${target}: ${answer}`],
  )
}

/** Servers of the others as every proxy has them. */
async function othersServers(): Promise<readonly string[]> {
  const states = await Promise.all(PROXIES.map((proxy) => serverStates(system.lab.host(proxy))))
  return states.flatMap((each) =>
    [...each].filter(([name]) => name.startsWith('pg-s')).map((one) => one.join(' ')),
  )
}

interface NodeStatus {
  readonly node: string
  readonly last_reload: { readonly reasons: readonly string[] } | null
}

test(followTable.oneOfFifty.fault, { timeout: 300_000 }, async () => {
  await waitFor('all to be served', async () => (await strays()).length === 0 || undefined, {
    timeoutMs: 60_000,
  })
  const before = await othersServers()
  expect(before).toHaveLength(4 * FLEET.length)
  const wrong: string[] = []
  let isOver = false
  const asking = async () => {
    while (!isOver) {
      wrong.push(...(await strays()))
      await sleep(500)
    }
  }

  const asked = asking()
  const seen = await under(system, 'pg-meta', (from) =>
    switchover(system.lab.host(from), {
      cluster: 'pg-meta',
      from,
      to: from === 'pg-meta-1' ? 'pg-meta-2' : 'pg-meta-1',
    }),
  )
  isOver = true
  await asked

  expectSeen(seen, followTable.oneOfFifty)
  expect(wrong).toEqual([])
  expect(await othersServers()).toEqual(before)
  const { stdout } = await shell(system.admin, 'pgsvc status --json')
  const status: { nodes: readonly NodeStatus[] } = JSON.parse(stdout)
  expect(status.nodes.map((node) => node.last_reload?.reasons)).toEqual([
    ['pg-meta-replica.cfg changed'],
    ['pg-meta-replica.cfg changed'],
  ])
  const events = await shell(system.admin, 'pgsvc events --json --limit 1000')
  const owners = events.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): { kind: string; owner: string } => JSON.parse(line))
    .filter(({ kind }) => kind === 'leader')
    .map(({ owner }) => owner)
  expect(new Set(owners)).toEqual(new Set(['pg-meta']))
})
