import { describe, expect, test } from 'vitest'
import { splitCsv } from '../../../agent/haproxy/csv.ts'
import { isMarkedDown, parseServerStats } from '../../../agent/haproxy/server-stats.ts'
import { isSession, parseShowSess } from '../../../agent/haproxy/show-sess.ts'
import { createAges } from '../../../agent/old-workers/ages.ts'
import { endSessions } from '../../../agent/old-workers/end-sessions.ts'
import { overLimit } from '../../../agent/old-workers/limits.ts'
import { serversWithShutdown } from '../../../agent/old-workers/marked-down.ts'
import { findStranded } from '../../../agent/old-workers/stranded.ts'
import { createSurvey } from '../../../agent/old-workers/survey.ts'

// As HAProxy 2.6.12 answered.
const row = (id: string, source: string, server: string) =>
  `${id}: proto=tcpv4 src=${source} fe=svc be=svc srv=${server} ts=00 epoch=0 age=5s calls=3 rate=0 cpu=0 lat=0 rq[f=808000h,i=0,an=00h,rx=1m35s,wx=,ax=] exp=1m35s rc=0 c_exp=`
const list = `${row('0x564ad1f5ee00', '127.0.0.1:60424', 's1')}
0x564ad2079c50: proto=sockpair src=unix:2 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age=0s calls=1
${row('0x7f9228039d90', '127.0.0.1:60428', 's2')}

`
const detail = `0x564ad1f5ee00: [22/Nov/2026:02:26:28.934537] id=0 proto=tcpv4 source=127.0.0.1:60424
  flags=0x4a, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=0x564ad1e99e70, pend_pos=(nil) waiting=0 epoch=0
  frontend=svc (id=2 mode=tcp), listener=? (id=1) addr=127.0.0.1:7001
  backend=svc (id=2 mode=tcp) addr=127.0.0.1:39946
  server=s1 (id=1) addr=127.0.0.1:7101
`
const first = { id: '0x564ad1f5ee00', source: '127.0.0.1:60424', section: 'svc', server: 's1' }

describe('show sess', () => {
  test('gives the sessions that have a server', () => {
    expect(parseShowSess(list)).toEqual([
      first,
      { id: '0x7f9228039d90', source: '127.0.0.1:60428', section: 'svc', server: 's2' },
    ])
    expect(parseShowSess('')).toEqual([])
  })

  test.each([
    ['the same', {}, true],
    ['another client', { source: '127.0.0.1:60425' }, false],
    ['another server', { server: 's2' }, false],
    ['another section', { section: 'svc2' }, false],
  ])('of one session is recognised: %s', (_case, other, isIt) => {
    expect(isSession(detail, { ...first, ...other })).toBe(isIt)
  })

  test('of one that has ended is no session', () => {
    expect(isSession('Session not found.\n', first)).toBe(false)
  })
})

test('a session is ended only when its id is still its own at that moment', async () => {
  const asked: string[] = []
  const cli = {
    ask: async (_path: string, command: string) => {
      asked.push(command)
      if (command === '@!7 show sess') return list.replace('srv=s2', 'srv=s1')
      return command === '@!7 show sess 0x564ad1f5ee00' ? detail : detail.replace('60424', '60999')
    },
  }
  const ended = await endSessions(cli, '/m', 7, [
    { section: 'svc', server: 's1', status: 'DOWN', sessions: 2 },
  ])

  expect(ended).toEqual([first])
  expect(asked.slice(1)).toEqual([
    '@!7 show sess 0x564ad1f5ee00',
    '@!7 shutdown session 0x564ad1f5ee00',
    '@!7 show sess 0x7f9228039d90',
  ])
})

test('a line of CSV may have commas and quotes in its fields', () => {
  expect(splitCsv('a,"b, ""c""",,d')).toEqual(['a', 'b, "c"', '', 'd'])
  expect(splitCsv('a,b,')).toEqual(['a', 'b', ''])
})

test('servers are read from show stat by the names of its columns', () => {
  const text =
    '# pxname,svname,scur,status,check_status,last_chk,addr,\nsvc,s1,2,UP 1/3,* L7OK,"no, not yet",10.0.0.1:5432,\n\n'

  expect(parseServerStats(text)).toEqual([
    {
      ...{ section: 'svc', server: 's1', status: 'UP 1/3', sessions: 2 },
      ...{ checkStatus: 'L7OK', address: '10.0.0.1:5432' },
    },
  ])
  expect(parseServerStats('Unknown command')).toBeUndefined()
})

const stat = {
  ...{ section: 'a', server: 's1', status: 'DOWN', sessions: 0 },
  ...{ checkStatus: 'L4CON', address: '10.0.0.1:5432' },
}

test.each([
  ['DOWN', true],
  ['DOWN 1/2', true],
  ['DOWN (agent)', true],
  ['MAINT', true],
  ['MAINT (via a/b)', true],
  ['UP', false],
  ['UP 1/3', false],
  ['NOLB', false],
  ['DRAIN', false],
  ['no check', false],
])('a server that is %s is marked down: %s', (status, isDown) => {
  expect(isMarkedDown({ ...stat, status })).toBe(isDown)
})

test.each([
  ['INI', 'DOWN', false],
  ['UNK', 'DOWN', false],
  ['INI', 'MAINT', true],
  ['', 'DOWN', true],
])('a server whose check says %s and that is %s is marked down: %s', (checkStatus, status, isDown) => {
  expect(isMarkedDown({ ...stat, checkStatus, status })).toBe(isDown)
})

describe('on-marked-down', () => {
  const named = (...texts: string[]) =>
    Object.fromEntries([...serversWithShutdown(texts)].map(([name, servers]) => [name, [...servers]]))
  const down = 'on-marked-down shutdown-sessions'

  test.each([
    [
      'of all servers',
      `listen a\n default-server fall 3 ${down}\n server x 1.1.1.1:1\n server y 1.1.1.1:2`,
      { a: ['x', 'y'] },
    ],
    ['of one server', `listen a\n server x 1.1.1.1:1 ${down}\n server y 1.1.1.1:2`, { a: ['x'] }],
    [
      'of those below it',
      `listen a\n server x 1.1.1.1:1\n default-server ${down}\n server y 1.1.1.1:2`,
      { a: ['y'] },
    ],
    [
      'of one section',
      `listen a\n default-server ${down}\n server x 1.1.1.1:1\nlisten b\n server y 1.1.1.1:2`,
      { a: ['x'] },
    ],
    ['in a comment', `listen a\n default-server fall 3 # ${down}\n server x 1.1.1.1:1`, {}],
    [
      'of defaults',
      `defaults\n default-server ${down}\nlisten a\n server x 1.1.1.1:1\ndefaults\nlisten b\n server y 1.1.1.1:2`,
      { a: ['x'] },
    ],
  ])('%s', (_case, text, expected) => {
    expect(named(text)).toEqual(expected)
  })

  test('of defaults goes on into the files that follow', () => {
    expect(named(`defaults\n default-server ${down}\n`, 'listen a\n server x 1.1.1.1:1\n')).toEqual({
      a: ['x'],
    })
  })
})

describe('stranded sessions', () => {
  const shutdown = new Map([['a', new Set(['s1', 's2'])]])
  const old = [{ ...stat, status: 'UP', sessions: 3 }]

  test('sit on a server that the current worker has marked down', () => {
    expect(findStranded([stat], old, shutdown)).toEqual([
      { section: 'a', server: 's1', status: 'DOWN', sessions: 3 },
    ])
  })

  test('sit there also when the service has got another port: the host is the same', () => {
    const moved = { ...stat, address: '10.0.0.1:6432' }
    expect(findStranded([moved], old, shutdown)).toMatchObject([{ server: 's1', sessions: 3 }])
    const v6 = (port: number) => ({ ...stat, address: `fd00::1:${port}` })
    expect(findStranded([v6(6432)], [{ ...v6(5432), sessions: 1 }], shutdown)).toHaveLength(1)
  })

  test.each([
    ['the server is up', [{ ...stat, status: 'UP' }], old, shutdown],
    ['the server has gone', [{ ...stat, server: 's2' }], old, shutdown],
    ['the server has another address', [{ ...stat, address: '10.0.0.9:5432' }], old, shutdown],
    ['the service does not ask for it', [stat], old, new Map([['b', new Set(['s1'])]])],
    ['there is none', [stat], [{ ...stat, sessions: 0 }], shutdown],
  ])('there are none when %s', (_case, current, before, policy) => {
    expect(findStranded(current, before, policy)).toEqual([])
  })
})

describe('limits', () => {
  const workers = [500, 100, 5].map((oldForS, i) => ({ pid: i + 1, oldForS }))

  test.each([
    ['none', 0, 0, []],
    ['a number', 2, 0, [1]],
    ['a number that is kept', 3, 0, []],
    ['an age', 0, 100, [1, 2]],
    ['both', 1, 400, [1, 2]],
  ])('%s', (_case, maxCount, maxAgeS, ended) => {
    expect(overLimit(workers, { maxCount, maxAgeS }).map(({ pid }) => pid)).toEqual(ended)
  })
})

test('a worker is old since the next one was started, as far as that can be known', () => {
  let nowMs = 0
  const ages = createAges({ monotonic: () => nowMs, now: () => 0, sleep: async () => undefined })
  const proc = (uptimes: readonly number[]) => ({
    ...{ masterPid: 1, reloads: 9, failed: 0, workers: [], oldWorkers: [] },
    processes: uptimes.map((uptimeS, reloads) => ({ pid: 10 + reloads, reloads, uptimeS })),
  })
  const agesOf = (uptimes: readonly number[]) =>
    ages.of(proc(uptimes).processes.slice(1), proc(uptimes)).map(({ oldForS }) => oldForS)

  expect(agesOf([10, 200, 5_000])).toEqual([10, 200])
  nowMs = 300_000
  expect(agesOf([10, 200, 5_000])).toEqual([300, 300])
})

test('a worker is silent when it has been asked again and has not answered again, and no longer when it has', async () => {
  let [nowMs, asked, isSilent] = [0, 0, true]
  const clock = { monotonic: () => nowMs, now: () => 0, sleep: async () => undefined }
  const cli = {
    ask: async () => {
      asked += 1
      if (isSilent) throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
      return ''
    },
  }
  const survey = createSurvey({ cli, clock })
  const proc = {
    ...{ masterPid: 1, reloads: 2, failed: 0, workers: [12], oldWorkers: [11] },
    processes: [
      { pid: 12, reloads: 0, uptimeS: 5 },
      { pid: 11, reloads: 1, uptimeS: 9 },
    ],
  }
  const look = async (afterMs: number) => {
    nowMs += afterMs
    return [(await survey('/master', proc))[0]?.worker.silent ?? false, asked]
  }

  expect(await look(0)).toEqual([false, 1])
  expect(await look(200)).toEqual([false, 1])
  expect(await look(10_000)).toEqual([true, 2])
  expect(await look(200)).toEqual([true, 2])
  isSilent = false
  expect(await look(10_000)).toEqual([false, 3])
})
