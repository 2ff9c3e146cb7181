import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEtcd } from '../../controller/etcd/etcd-client.ts'
import { watchOnce } from '../../controller/etcd/watch-once.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type CuttableLink, cuttableLink } from '../support/cuttable-link.ts'
import { createEtcdLab, type EtcdLab, type EtcdMember } from '../support/etcd-lab.ts'
import { quickTimes, startWatch, type TestWatch, type TestWatchOptions } from '../support/etcd-watch.ts'
import { until } from '../support/haproxy-lab.ts'
import { warnLevel } from '../support/recording-log.ts'

let lab: EtcdLab
let member: EtcdMember
let link: CuttableLink
let watches: TestWatch[] = []

beforeAll(async () => {
  lab = await createEtcdLab()
  const [only] = lab.members
  if (!only) throw new Error('an etcd has a member')
  member = only
  link = await cuttableLink(member.endpoint)
})

afterAll(async () => {
  await link.close()
  await lab.destroy()
})

beforeEach(async () => {
  await lab.ctl(['del', '--prefix', '/'])
  await put('/pg/pg-test/leader', 'pg-test-1')
})

afterEach(async () => {
  for (const watch of watches) await watch.stop()
  watches = []
  link.mend()
})

/** Through the link, so that it can be cut off. */
async function watching(options: TestWatchOptions = {}): Promise<TestWatch> {
  const watch = startWatch([link.address], options)
  watches.push(watch)
  await watch.watching()
  return watch
}

async function put(key: string, value: string, ...flags: readonly string[]): Promise<void> {
  await lab.ctl(['put', key, value, ...flags])
}

async function lease(seconds: number): Promise<string> {
  const answer = await lab.ctl(['lease', 'grant', String(seconds)])
  return /lease (\w+)/.exec(answer)?.[1] ?? ''
}

test('every change of a leader key is told as it happens, and nothing else that Patroni writes', async () => {
  const watch = await watching()

  await lab.ctl(['del', '/pg/pg-test/leader'])
  await put('/pg/pg-test/failover', '{"leader":"pg-test-1","member":"pg-test-2"}')
  await put('/pg/pg-test/leader', 'pg-test-2')
  await put('/pg/pg-test/status', '{"optime":67108960}')
  await put('/pg/pg-test/leader', 'pg-test-2')
  await put('/pg/pg-test/leader', 'pg-test-1')
  await watch.hears('pg-test: pg-test-1')

  // What happened in between stands there too: none of it comes from reading again.
  expect(watch.told).toEqual([
    'pg-test: pg-test-1',
    'pg-test: nobody after pg-test-1',
    'pg-test: pg-test-2',
    'pg-test: pg-test-1',
  ])
  expect(watch.state()).toMatchObject({ kind: 'watching', endpoint: link.address, leaders: 1 })
})

test('a leader that lets its lease run out is told as gone, one that renews it is not', async () => {
  const [short, long] = [await lease(2), await lease(2)]
  await put('/pg/pg-dead/leader', 'pg-dead-1', `--lease=${short}`)
  await put('/pg/pg-live/leader', 'pg-live-1', `--lease=${long}`)
  const watch = await watching()

  await until(async () => {
    await lab.ctl(['lease', 'keep-alive', '--once', long])
    return watch.told.includes('pg-dead: nobody after pg-dead-1')
  }, 60_000)

  expect(watch.told.filter((words) => words.startsWith('pg-live'))).toEqual(['pg-live: pg-live-1'])
})

test('the groups of a Citus cluster are told apart by who leads, or has led', async () => {
  await put('/pg/pg-citus/0/leader', 'pg-citus0-1')
  const watch = await watching()

  await put('/pg/pg-citus/1/leader', 'pg-citus1-1')
  await lab.ctl(['del', '/pg/pg-citus/0/leader'])
  await put('/pg/pg-citus/0/leader', 'pg-citus0-2')
  await watch.hears('pg-citus: pg-citus0-2')

  expect(watch.told.filter((words) => words.startsWith('pg-citus'))).toEqual([
    'pg-citus: pg-citus0-1',
    'pg-citus: pg-citus1-1',
    'pg-citus: nobody after pg-citus0-1',
    'pg-citus: pg-citus0-2',
  ])
})

test('another namespace is watched when the configuration says so, and only that', async () => {
  await put('/prod/pg/pg-test/leader', 'pg-test-3')

  const watch = await watching({ prefix: '/prod/pg/' })
  await put('/pg/pg-test/leader', 'pg-test-2')
  await put('/prod/pg/pg-test/leader', 'pg-test-4')
  await watch.hears('pg-test: pg-test-4')

  expect(watch.told).toEqual(['pg-test: pg-test-3', 'pg-test: pg-test-4'])
})

test('a namespace without clusters is said aloud', async () => {
  const watch = await watching({ prefix: '/service/' })

  expect(watch.lines.filter(({ level }) => level >= warnLevel).map(({ msg }) => msg)).toEqual([
    'etcd is watched, and no cluster has a leader below etcd_prefix',
  ])
})

test('what changed while we were away is told once it is over, though etcd has forgotten how it came', async () => {
  await put('/pg/pg-old/leader', 'pg-old-1')
  await put('/pg/pg-same/leader', 'pg-same-1')
  const watch = await watching()

  link.cut()
  await watch.trying()
  await put('/pg/pg-test/leader', 'pg-test-2')
  await put('/pg/pg-test/leader', 'pg-test-3')
  await lab.ctl(['del', '/pg/pg-old/leader'])
  await put('/pg/pg-new/leader', 'pg-new-1')
  await compact()
  watch.told.length = 0
  link.mend()
  await watch.watching()

  expect(watch.told.sort()).toEqual([
    'pg-new: pg-new-1',
    'pg-old: nobody after pg-old-1',
    'pg-test: pg-test-3',
  ])
  await put('/pg/pg-test/leader', 'pg-test-1')
  await watch.hears('pg-test: pg-test-1')
})

/** etcd forgets all that was before now. */
async function compact(): Promise<void> {
  const answer: unknown = JSON.parse(await lab.ctl(['get', '/pg/pg-test/leader', '-w', 'json']))
  const revision = JSON.stringify(answer).match(/"revision":(\d+)/)?.[1] ?? ''
  await lab.ctl(['compact', revision])
}

test('a watch from a revision that etcd no longer keeps ends, with the reason', async () => {
  await put('/pg/pg-test/leader', 'pg-test-2')
  await compact()
  const none = { ca: undefined, cert: undefined, key: undefined, password: undefined }
  const client = openEtcd(member.endpoint, none, 5_000)
  // As if everything had been read long ago.
  const range: typeof client.range = async (request, token) => ({
    ...(await client.range(request, token)),
    header: { revision: 1 },
  })
  const events = { onReading: () => {}, onWatching: () => {}, onChanges: () => {} }
  const options = { ...quickTimes, clock: systemClock(), prefix: '/pg/', login: undefined, events }

  const reason = await watchOnce({ ...client, range }, options, AbortSignal.timeout(60_000))
  client.close()

  expect(reason).toMatch(/^changes before revision \d+ are no longer kept$/)
})

test('thousands of keys are read in pages, all as they were at one moment', async () => {
  const clusters = Array.from({ length: 400 }, (_, i) => `pg-${String(i).padStart(3, '0')}`)
  await putMany(
    clusters.flatMap((name) => [
      [`/pg/${name}/config`, '{"ttl":30}'],
      [`/pg/${name}/leader`, `${name}-1`],
      [`/pg/${name}/members/${name}-1`, '{"role":"master"}'],
      [`/pg/${name}/members/${name}-2`, '{"role":"replica"}'],
      [`/pg/${name}/status`, '{"optime":67108960}'],
    ]),
  )

  const watch = await watching()

  const expected = [...clusters.map((name) => `${name}: ${name}-1`), 'pg-test: pg-test-1']
  expect(watch.told).toEqual(expected)
  expect(watch.state()).toMatchObject({ leaders: 401 })
})

/** In transactions, since a program per key takes too long. */
async function putMany(entries: readonly (readonly [string, string])[]): Promise<void> {
  for (let from = 0; from < entries.length; from += 100) {
    const puts = entries.slice(from, from + 100).map(([key, value]) => `put ${key} ${JSON.stringify(value)}`)
    await lab.ctl(['txn'], { input: `\n${puts.join('\n')}\n\n\n` })
  }
}

test('a member that crashes and comes back is watched again; one line says that it went, one that it is back', async () => {
  const watch = await watching()

  await member.kill('SIGKILL')
  await until(() => watch.lines.filter(({ reason }) => reason !== undefined).length >= 4, 60_000)
  await member.start()
  await watch.watching()
  await put('/pg/pg-test/leader', 'pg-test-2')
  await watch.hears('pg-test: pg-test-2')

  expect(watch.lines.filter(({ level }) => level > 20).map(({ msg }) => msg)).toEqual([
    'etcd is watched',
    'etcd is not watched; leader changes are learnt from the agents alone',
    'etcd is watched',
  ])
  expect(watch.told).toEqual(['pg-test: pg-test-1', 'pg-test: pg-test-2'])
})

test('a member that stands still is given up, and watched again when it goes on', async () => {
  const watch = await watching()

  member.freeze()
  await watch.trying('said nothing')
  // Its kernel goes on taking connections.
  await watch.trying('Deadline exceeded')
  member.thaw()
  await watch.watching()

  expect(watch.told).toEqual(['pg-test: pg-test-1'])
})

test('an etcd that is not there yet at the start is found when it comes', async () => {
  link.cut()
  const watch = startWatch([link.address])
  watches.push(watch)

  await watch.trying()
  link.mend()
  await watch.watching()

  expect(watch.told).toEqual(['pg-test: pg-test-1'])
})

test('a hint that cannot be passed on is found again', async () => {
  const heard: string[] = []
  const watch = await watching({
    onHint: ({ instance }) => {
      heard.push(instance)
      if (heard.length === 2) throw new Error('the database is locked')
    },
  })

  await put('/pg/pg-test/leader', 'pg-test-2')
  await until(() => heard.length === 3, 60_000)

  expect(heard).toEqual(['pg-test-1', 'pg-test-2', 'pg-test-2'])
  expect(watch.lines.map(({ reason }) => reason)).toContain('the database is locked')
})

test('told to stop it ends at once, whatever it is doing, and leaves no connection', async () => {
  const calm = await watching()
  member.freeze()
  const reading = startWatch([link.address], { times: { callTimeoutMs: 600_000 } })
  const pausing = startWatch(['127.0.0.1:1'], { times: { pause: { baseMs: 600_000, capMs: 600_000 } } })
  await pausing.trying('ECONNREFUSED')
  await until(() => link.open() === 2, 60_000)

  // Left to themselves, two of them would take ten minutes.
  await Promise.all([calm, reading, pausing].map((watch) => watch.stop()))

  await until(() => link.open() === 0, 60_000)
  member.thaw()
})
