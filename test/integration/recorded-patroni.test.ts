/** What Patroni 4 really answered, put to everything of ours that asks a Patroni: test/unit/follow/recorded/README.md. */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import * as z from 'zod'
import { leadsAfter, parseCallback } from '../../agent/follow/callback.ts'
import { createLooker } from '../../agent/follow/look.ts'
import { patroniHint } from '../../agent/follow/patroni-hint.ts'
import { claimsToLead, parsePatroniStatus, systemPatroniClient } from '../../agent/follow/patroni-status.ts'
import { routingOf } from '../../agent/follow/routing.ts'
import type { Hint } from '../../agent/follow/track.ts'
import { verdictOf } from '../../agent/follow/verdict.ts'
import { systemAsker } from '../../agent/server-state/ask.ts'
import type { Member } from '../../shared/model/snapshot.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { serviceText } from '../support/members.ts'

const schema = z.object({
  answers: z.array(z.object({ name: z.string(), body: z.string(), codes: z.record(z.string(), z.number()) })),
  series: z.record(z.string(), z.array(z.string())),
  callbacks: z.array(z.string()).default([]),
})
type Recorded = z.infer<typeof schema>['answers'][number]

function read(file: string): z.infer<typeof schema> {
  const url = new URL(`../unit/follow/recorded/${file}`, import.meta.url)
  return schema.parse(JSON.parse(readFileSync(url, 'utf8')))
}

const recorded = read('patroni-4.0.7.json')
/** Two groups of one scope. */
const citus = read('patroni-4.0.7-citus.json')
const answers = [...recorded.answers, ...citus.answers]

const servers: http.Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
})

function answer(name: string): Recorded {
  const found = answers.find((one) => one.name === name)
  if (!found) throw new Error(`${name} was not recorded`)
  return found
}

/** A Patroni that says again what was recorded; each of Citus' groups has an address of its own. */
async function member(name: string): Promise<Member> {
  const address = name.startsWith('worker-') ? '127.0.0.2' : '127.0.0.1'
  const { body, codes } = answer(name)
  const server = http.createServer(({ method, url = '' }, response) => {
    response.statusCode = method === 'GET' ? 200 : (codes[url] ?? 404)
    response.end(method === 'GET' && url === '/patroni' ? body : '')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  // A server that listens on a network has such an address.
  const { port } = server.address() as AddressInfo
  return { instance: name, address, patroniPort: port, patroniTls: false }
}

/** @param strangers - servers of the same section that are no members of the cluster */
async function verdictBy(path: string, names: readonly string[], strangers: readonly string[] = []) {
  const members = await Promise.all(names.map(member))
  const servers = [...members, ...(await Promise.all(strangers.map(member)))]
  const lines = servers.map(
    ({ instance, address, patroniPort }) => `${instance} ${address}:1 check port ${patroniPort}`,
  )
  const routing = routingOf(members, [serviceText({ name: 'primary', port: 5433, path, servers: lines })])
  return verdictOf(routing, await createLooker(systemAsker(), systemClock()).look(routing))
}

const leaders = {
  leader: ['leader', 'replica'],
  'sync-leader': ['sync-leader', 'sync-2', 'sync-3'],
  'quorum-leader': ['quorum-leader', 'quorum-replica'],
  'paused-leader': ['paused-leader', 'paused-replica'],
  'leader-after-switchover': ['leader-after-switchover', 'replica-after-switchover'],
  'coordinator-leader': ['coordinator-leader', 'coordinator-replica'],
  'worker-leader': ['worker-leader', 'worker-replica'],
  'worker-leader-after-switchover': ['worker-leader-after-switchover', 'worker-replica-after-switchover'],
} as const
const paths = ['/primary', '/master', '/leader', '/read-write', '/', '/read-only-quorum', '/read-only-sync']

test.each(
  Object.entries(leaders).flatMap(([leader, names]) => paths.map((path) => [leader, path, names] as const)),
)('%s leads by OPTIONS %s', async (leader, path, names) => {
  expect(await verdictBy(path, names)).toMatchObject({ kind: 'one', leader })
})

test.each([
  [['coordinator-leader', 'coordinator-replica'], 'one'],
  [['coordinator-replica'], 'none'],
])(
  'the leader of another Citus group, though a server of the same section, is none of %j: %s',
  async (names, kind) => {
    const verdict = await verdictBy('/primary', names, ['worker-leader', 'worker-replica'])

    expect(verdict).toEqual(
      kind === 'one' ? { kind, leader: 'coordinator-leader', inGroup: [true] } : { kind },
    )
  },
)

test.each([
  ['/leader', 'one'],
  ['/standby-leader', 'one'],
  ['/primary', 'none'],
])('by OPTIONS %s of a standby cluster’s leader: %s', async (path, kind) => {
  expect(await verdictBy(path, ['standby-leader'])).toMatchObject({ kind })
})

test.each(answers.map(({ name }) => name))('%s is read as what it is', async (name) => {
  const status = await systemPatroniClient().status(await member(name), 5_000)

  expect(status?.state).toBe('running')
  expect(status && claimsToLead(status)).toBe(name.includes('leader'))
  expect(status?.unlocked).toBe(false)
  expect(status?.timeline.system).toMatch(/^\d{19}$/)
  expect(status?.timeline.timeline).toBe(isSecondTimeline(name) ? 2 : 1)
})

function isSecondTimeline(name: string): boolean {
  // It was the worker's group that was switched over.
  if (name.startsWith('coordinator-')) return false
  return name.includes('after-switchover') || name === 'standby-leader'
}

test('the groups of a Citus cluster are databases of their own, whose timelines are not compared', () => {
  const systemOf = (name: string) => parsePatroniStatus(answer(name).body)?.timeline.system
  const [coordinator, worker] = [systemOf('coordinator-leader'), systemOf('worker-leader')]

  expect(systemOf('coordinator-replica')).toBe(coordinator)
  expect(systemOf('worker-replica')).toBe(worker)
  expect(worker).not.toBe(coordinator)
})

/** What an agent makes of a series, polling after polling; the same twice counts once. */
function hints(
  series: string,
  instance: string,
  leader: string,
  from = recorded,
): readonly (Hint | undefined)[] {
  const statuses = (from.series[series] ?? []).map(parsePatroniStatus)
  const said = statuses.map((status, index) => patroniHint(status, statuses[index - 1], { instance, leader }))
  return said.filter((one, index) => index === 0 || JSON.stringify(one) !== JSON.stringify(said[index - 1]))
}

const something: Hint = { leader: '', source: 'patroni' }

test('while it starts a member claims nothing, and then that it leads', () => {
  expect(hints('start', 'q-1', '')).toEqual([undefined, { leader: 'q-1', source: 'patroni' }])
})

test('a leader that is demoted says so, and goes on saying so', () => {
  expect(hints('demotion', 'q-1', 'q-1')).toEqual([undefined, something])
})

test('a replica that is promoted names itself', () => {
  expect(hints('promotion', 'q-2', 'q-1').at(-1)).toEqual({ leader: 'q-2', source: 'patroni' })
})

test('a replica that sees the lock go says so', () => {
  expect(hints('unlocked', 'q-1', 'q-2')).toContainEqual(something)
})

test('when a Citus group is switched over, its members say so, and the leader of another group says nothing', () => {
  const demotion = hints('demotion', 'pg-citus1-1', 'pg-citus1-1', citus)
  const promotion = hints('promotion', 'pg-citus1-2', 'pg-citus1-1', citus)

  expect(demotion).toEqual([undefined, something])
  expect(promotion.at(-1)).toEqual({ leader: 'pg-citus1-2', source: 'patroni' })
  expect(hints('bystander', 'pg-citus0-1', 'pg-citus0-1', citus)).toEqual([undefined])
})

test('a callback in a Citus cluster names what all groups share, and says who leads', () => {
  const callbacks = citus.callbacks.map((line) => {
    const [instance = '', ...words] = line.split(' ')
    const callback = parseCallback(words.join(' '))
    return [instance, callback?.scope, callback && leadsAfter(callback)]
  })

  expect(callbacks.slice(-3)).toEqual([
    ['pg-citus1-1', 'pg-citus', false],
    ['pg-citus1-2', 'pg-citus', true],
    ['pg-citus1-1', 'pg-citus', false],
  ])
})
