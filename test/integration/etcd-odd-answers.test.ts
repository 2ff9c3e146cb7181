import { status } from '@grpc/grpc-js'
import { afterEach, expect, test } from 'vitest'
import { watchLeaders } from '../../controller/etcd/watch-leaders.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { quickTimes, startWatch, type TestWatch, type TestWatchOptions } from '../support/etcd-watch.ts'
import { freePorts, until } from '../support/haproxy-lab.ts'
import { recordingLog } from '../support/recording-log.ts'
import {
  created,
  keyValue,
  reading,
  type Script,
  type ScriptedEtcd,
  scriptedEtcd,
} from '../support/scripted-etcd.ts'

let ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
})

async function start(script: Script, options: TestWatchOptions = {}): Promise<[TestWatch, ScriptedEtcd]> {
  const etcd = await scriptedEtcd(script)
  const watch = startWatch([etcd.endpoint], options)
  ends.push(etcd.close, watch.stop)
  return [watch, etcd]
}

/** Of the watches one after the other: what each says to its beginning. */
function watches(...answers: ReturnType<NonNullable<Script['watch']>>[]): NonNullable<Script['watch']> {
  return ({ createRequest }, n) => (createRequest ? (answers[n] ?? [created]) : [{ header: { revision: 9 } }])
}

test('a watch that etcd can no longer serve from its history begins with another reading', async () => {
  // As 3.4.23 answered a watch from revision 2 after a compaction at 7.
  const compacted = { header: { revision: 0 }, canceled: true, compactRevision: 7 }
  const [watch, etcd] = await start({
    range: (_request, n) => (n === 0 ? reading(1, { 'pg-a': 'pg-a-1' }) : reading(9, { 'pg-a': 'pg-a-2' })),
    watch: watches([created, compacted]),
  })

  await watch.hears('pg-a: pg-a-2')
  await watch.watching()

  expect(watch.told).toEqual(['pg-a: pg-a-1', 'pg-a: pg-a-2'])
  expect(etcd.calls).toEqual([
    'Range /pg/ at 0 hasleader=true',
    'Watch from 2 hasleader=true',
    'Range /pg/ at 0 hasleader=true',
    'Watch from 10 hasleader=true',
  ])
})

test('all pages are of the revision of the first, and so is what the watch begins behind', async () => {
  const pages = [
    { ...reading(20, { 'pg-a': 'pg-a-1' }), more: true },
    // etcd says its newest revision with each.
    { ...reading(23, { 'pg-b': 'pg-b-1' }), more: true },
    reading(25, { 'pg-c': 'pg-c-1' }),
  ]
  const [watch, etcd] = await start({ range: (_request, n) => pages[n], watch: watches() })

  await watch.watching()

  expect(watch.told).toEqual(['pg-a: pg-a-1', 'pg-b: pg-b-1', 'pg-c: pg-c-1'])
  expect(etcd.calls).toEqual([
    'Range /pg/ at 0 hasleader=true',
    'Range /pg/pg-a/leader\0 at 20 hasleader=true',
    'Range /pg/pg-b/leader\0 at 20 hasleader=true',
    'Watch from 21 hasleader=true',
  ])
})

test('a history that is dropped between two pages makes the reading begin anew, and nothing is told by halves', async () => {
  const details = 'etcdserver: mvcc: required revision has been compacted'
  const answers = [
    { ...reading(20, { 'pg-a': 'pg-a-1' }), more: true },
    { code: status.OUT_OF_RANGE, details },
    reading(30, { 'pg-a': 'pg-a-2', 'pg-b': 'pg-b-1' }),
  ]
  const [watch] = await start({ range: (_request, n) => answers[n], watch: watches() })

  await watch.watching()

  expect(watch.told).toEqual(['pg-a: pg-a-2', 'pg-b: pg-b-1'])
  expect(watch.lines.map(({ reason }) => reason)).toContain(details)
})

test('an etcd that was restored from a copy, and counts from an earlier revision, is read like any other', async () => {
  const [watch, etcd] = await start({
    range: (_request, n) =>
      n === 0 ? reading(900, { 'pg-a': 'pg-a-2', 'pg-b': 'pg-b-1' }) : reading(100, { 'pg-a': 'pg-a-1' }),
    watch: watches([created, 'end']),
  })

  await watch.hears('pg-a: pg-a-1')
  await watch.watching()

  expect(watch.told).toEqual(['pg-a: pg-a-2', 'pg-b: pg-b-1', 'pg-b: nobody after pg-b-1', 'pg-a: pg-a-1'])
  expect(etcd.calls.at(-1)).toBe('Watch from 101 hasleader=true')
})

test('changes that come with the answer that begins the watch count', async () => {
  const events = [{ type: 'PUT', kv: keyValue('/pg/pg-a/leader', 'pg-a-2') }] as const
  const [watch] = await start({
    range: () => reading(9, { 'pg-a': 'pg-a-1' }),
    watch: watches([{ ...created, events: [...events] }]),
  })

  await watch.hears('pg-a: pg-a-2')
})

test('the token goes with every call but the one that asks for it', async () => {
  const [watch, etcd] = await start(
    { range: () => reading(9, {}), watch: watches(), token: 'abc.9' },
    // Any file will do for a password.
    { user: 'pgsvc', files: { etcd_password_file: import.meta.filename } },
  )

  await watch.watching()

  expect(etcd.calls).toEqual([
    'Authenticate pgsvc hasleader=true',
    'Range /pg/ at 0 hasleader=true token=abc.9',
    'Watch from 10 hasleader=true token=abc.9',
  ])
})

test.each<[string, Script, string]>([
  ['never answers a reading', { range: () => undefined }, 'Deadline exceeded'],
  // It lives, and says so; but the watch never began.
  [
    'takes no watch',
    { range: () => reading(9, {}), watch: () => [{ header: { revision: 9 } }] },
    'said nothing for 5000 ms',
  ],
  [
    'says nothing once it has',
    { range: () => reading(9, {}), watch: ({ createRequest }) => (createRequest ? [created] : []) },
    'said nothing',
  ],
  // As 3.4.23 says it to a user without the right.
  [
    'refuses the watch',
    {
      range: () => reading(9, {}),
      watch: () => [
        {
          created: true,
          canceled: true,
          cancelReason: 'rpc error: code = PermissionDenied desc = etcdserver: permission denied',
        },
      ],
    },
    'PermissionDenied desc = etcdserver: permission denied',
  ],
  [
    'ends the watch without a word',
    { range: () => reading(9, {}), watch: () => [{ canceled: true }] },
    'no reason given',
  ],
  [
    'has no end of keys',
    { range: () => ({ ...reading(9, { 'pg-a': 'pg-a-1' }), more: true }) },
    'more than 1000000 keys',
  ],
])('one that %s is given up', async (_what, script, words) => {
  const [watch] = await start(script)

  await until(() => watch.lines.some(({ reason }) => String(reason).includes(words)), 60_000)
})

test('pauses grow with each round of all members up to a limit, also when members take us in and drop us at once', async () => {
  const [closed = 0] = await freePorts(1)
  const etcd = await scriptedEtcd({ range: () => reading(9, {}), watch: () => [created, 'end'] })
  ends.push(etcd.close)

  const pauses = await pausesOf([etcd.endpoint, `127.0.0.1:${closed}`], Number.MAX_SAFE_INTEGER, 12)

  expect(pauses).toEqual([99, 99, 199, 199, 399, 399, 799, 799, 999, 999, 999, 999])
})

test('after a watch that lived long the next attempt comes soon', async () => {
  const etcd = await scriptedEtcd({ range: () => reading(9, {}), watch: () => [created, 'end'] })
  ends.push(etcd.close)

  expect(await pausesOf([etcd.endpoint], 0, 4)).toEqual([99, 99, 99, 99])
})

/** Pauses between attempts, which take no time here. */
async function pausesOf(endpoints: readonly string[], stableMs: number, count: number): Promise<number[]> {
  const stop = new AbortController()
  const pauses: number[] = []
  const sleep = async (ms: number, signal?: AbortSignal) => {
    if (ms === quickTimes.beatMs) return systemClock().sleep(ms, signal)
    pauses.push(ms)
    if (pauses.length === count) stop.abort()
  }
  const files = { etcd_ca: '', etcd_cert: '', etcd_key: '', etcd_password_file: '' }
  const times = { ...quickTimes, stableMs, pause: { baseMs: 100, capMs: 1_000 } }
  const watch = watchLeaders(
    { clock: { ...systemClock(), sleep }, log: recordingLog().log, random: () => 0.9999, hint: () => {} },
    { endpoints, prefix: '/pg/', user: '', files },
    stop.signal,
    times,
  )
  await watch.ended
  return pauses
}
