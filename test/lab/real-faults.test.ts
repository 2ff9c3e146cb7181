import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { cutOff, cutPort, freezeHost, freezePrograms, killPrograms, mend, thaw } from './faults.ts'
import { processesOn } from './host-processes.ts'
import { type Probe, startProbe } from './probe.ts'
import { waitFor } from './process.ts'
import { answers, leaders, patronictl, settled, switchover } from './real/cluster.ts'
import { whichInstance } from './real/instance.ts'
import { startPatroni } from './real/member.ts'
import { FAST_TIMINGS } from './real/patroni-config.ts'
import { type RealSystem, startRealSystem } from './real/real-system.ts'

const [ONE, TWO, THREE] = ['10.10.10.11', '10.10.10.12', '10.10.10.13']
/** Long enough for an answer, short enough to wait for in vain. */
const SILENCE = { timeoutMs: 2_500 }
let system: RealSystem
/** Asks from the second member. */
let fromTwo: Probe

beforeAll(async () => {
  system = await startRealSystem({
    parts: ['test'],
    timings: FAST_TIMINGS,
    tags: { 'pg-test-3': { nofailover: true } },
    settings: { agent: 'drift: repair\n' },
  })
  fromTwo = await startProbe(system.lab.host('pg-test-2'))
}, 300_000)
afterAll(() => system?.stop())

const host = (name: string) => system.lab.host(name)
const members = () => system.cluster('pg-test')

beforeEach(async () => {
  expect(await settled(system.probe, members())).toMatch(/^pg-test-/)
})

/** The answer to a statement that needs nothing, or the error. */
async function heard(probe: Probe, address: string): Promise<string> {
  const rows = await probe.sql(address, 'SELECT 1', SILENCE).catch((error: unknown) => [[String(error)]])
  return rows[0]?.[0] ?? ''
}

/** Waits for an answer to such a statement: a busy machine may be late with the first ones. */
async function alive(probe: Probe, address: string): Promise<void> {
  await waitFor(`an answer of ${address}`, async () => (await heard(probe, address)) === '1' || undefined)
}

async function leader(): Promise<string> {
  return await settled(system.probe, members())
}

/** Waits for HAProxy's checks to find what is wanted behind a port. */
async function answered(address: string, port: number, wanted: string): Promise<void> {
  await waitFor(
    `${wanted} at ${address}:${port}`,
    async () => (await whichInstance(system.probe, address, port)) === wanted || undefined,
    { timeoutMs: 60_000, everyMs: 100 },
  )
}

test('a host that is cut off from one peer hears nothing from it, and everyone else does', async () => {
  await cutOff(host('pg-test-2'), [host('pg-test-1')])

  expect(await heard(fromTwo, ONE)).toContain('no answer in time')
  await alive(fromTwo, THREE)
  await alive(system.probe, ONE)
  await alive(system.probe, TWO)

  await mend([host('pg-test-1'), host('pg-test-2')])
  await alive(fromTwo, ONE)
})

test('a port can be cut off alone', async () => {
  await cutPort(host('pg-test-2'), host('pg-test-1'), 5432)

  expect(await heard(fromTwo, ONE)).toContain('no answer in time')
  const health = { timeoutMs: 30_000 }
  expect(await fromTwo.http(`http://${ONE}:8008/health`, health)).toMatchObject({ status: 200 })

  await mend([host('pg-test-2')])
  await alive(fromTwo, ONE)
})

test('without its cable a host is silent to others and goes on for itself', async () => {
  await host('pg-test-2').network(false)

  expect(await heard(system.probe, TWO)).toMatch(/no answer in time|EHOSTUNREACH/)
  await alive(fromTwo, TWO)

  await host('pg-test-2').network(true)
  await alive(system.probe, TWO)
})

test('a frozen program keeps its connections and says nothing, until it is thawed', async () => {
  const patroniAnswers = async () => {
    const answer = await system.probe.http(`http://${THREE}:8008/liveness`).catch(() => undefined)
    return answer?.status === 200
  }

  freezePrograms(host('pg-test-3'), 'postgres')
  const silent = await heard(system.probe, THREE)
  const patroniAlone = await waitFor('Patroni', async () => (await patroniAnswers()) || undefined, {
    timeoutMs: 15_000,
  }).catch(() => false)
  thaw(host('pg-test-3'))
  expect(silent).toContain('no answer in time')
  expect(patroniAlone).toBe(true)
  await alive(system.probe, THREE)

  freezeHost(host('pg-test-3'))
  const patroniFrozen = !(await patroniAnswers())
  thaw(host('pg-test-3'))
  expect(patroniFrozen).toBe(true)
  await waitFor('Patroni', async () => (await patroniAnswers()) || undefined)
})

test('PostgreSQL that is killed alone is started again by Patroni, and leads on', async () => {
  const before = await leader()
  const [postmaster] = processesOn(host(before)).filter(({ program }) => program === 'postgres')

  await killPrograms(host(before), 'postgres')
  await waitFor('PostgreSQL to be back', () => {
    const now = processesOn(host(before)).filter(({ program }) => program === 'postgres')
    return now.length > 0 && now.every(({ pid }) => pid !== postmaster?.pid) ? true : undefined
  })

  expect(await leader()).toBe(before)
})

test('Patroni that is killed alone leaves PostgreSQL as it was; it takes it over when it is started again', async () => {
  const before = await leader()
  const { address } = host(before)

  await killPrograms(host(before), 'patroni')

  expect(await system.patroni.get(before)?.exited).not.toBe(0)
  expect(await leaders(system.probe, members())).toEqual([])
  expect(await whichInstance(system.probe, address, 5432)).toBe(`${before} primary 5432`)
  system.patroni.set(before, await startPatroni(host(before)))
  expect(await leader()).toBe(before)
})

test('when Patroni and PostgreSQL of the leader are killed, another leads; the old one comes back as its replica', async () => {
  const before = await leader()

  await killPrograms(host(before), 'patroni', 'postgres')
  const after = await waitFor('another leader', async () => (await leaders(system.probe, members()))[0], {
    timeoutMs: 90_000,
    everyMs: 200,
  })
  system.patroni.set(before, await startPatroni(host(before)))

  expect(after).not.toBe(before)
  expect(after).not.toBe('pg-test-3') // its tags forbid it
  expect(await leader()).toBe(after)
})

test('a switchover can be scheduled and called off, and the cluster paused', async () => {
  const before = await leader()
  const to = before === 'pg-test-1' ? 'pg-test-2' : 'pg-test-1'
  const scheduled = new Date(Date.now() + 3_600_000).toISOString()

  await switchover(host(before), { cluster: 'pg-test', from: before, to, scheduled })
  expect(await patronictl(host(before), ['list'])).toContain('Switchover scheduled at')
  await patronictl(host(before), ['flush', 'pg-test', 'switchover', '--force'])
  expect(await patronictl(host(before), ['list'])).not.toContain('Switchover scheduled at')

  await patronictl(host(before), ['pause', 'pg-test', '--wait'])
  expect(await patronictl(host(before), ['list'])).toContain('Maintenance mode: on')
  await patronictl(host(before), ['resume', 'pg-test', '--wait'])
})

test('a host that loses power comes back with its disk: certificates, services, data and logs', async () => {
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })
  const name = 'pg-test-1'
  const marker = '/var/lib/postgresql/marker'
  await writeFile(host(name).file(marker), 'as before')

  await host(name).kill()
  expect((await system.lab.logs()).get(`${name}/patroni`)).toContain(name)
  expect(await answers(system.probe, host(name), '/health')).toBe(false)
  await system.powerOn(name)

  expect(await leader()).not.toBe('')
  await system.connected()
  expect(await readFile(host(name).file(marker), 'utf8')).toBe('as before')
  expect(await readFile(host(name).file('/etc/pgsvc/agent.yml'), 'utf8')).toContain('drift: repair')
  const wanted = `${await leader()} primary 5432`
  await answered(host(name).address, 5436, wanted)
})

test('a replica more joins the cluster, and is served after a publish', async () => {
  const four = { name: 'pg-test-4', address: '10.10.10.20', cluster: 'pg-test' }
  const third = '10.10.10.13: { pg_seq: 3, pg_role: replica, pg_offline_query: true }'

  await system.addReplica(four)
  await system.edit(third, `${third}\n        10.10.10.20: { pg_seq: 4, pg_role: replica }`)
  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })

  const now = await leader()
  await answered(four.address, 5436, `${now} primary 5432`)
  await answered(ONE, 5434, 'pg-test-4 replica 6432')
})
