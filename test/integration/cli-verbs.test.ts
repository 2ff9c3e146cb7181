import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Event } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { PublishEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { StatusResponse } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { type FakeController, startFakeController } from './cli-fake-controller.ts'
import { runCommand, startCommand } from './cli-process.ts'

let fake: FakeController

beforeAll(async () => {
  fake = await startFakeController()
})
afterAll(() => fake.stop())
beforeEach(() => {
  fake.script = {}
  fake.requests.length = 0
  fake.queries.length = 0
})

function pgsvc(...args: string[]) {
  return runCommand('pgsvc', args, { PGSVC_CONTROLLER: fake.address })
}

const done: PublishEvent = { result: { ok: true, committed: true } }

test.each([
  [['node', '10.10.10.18'], 'PublishNode', { pattern: '10.10.10.18', nodes: [] }],
  [['rollback', 'pg-test'], 'Rollback', { owner: 'pg-test', revision: 0 }],
  [
    ['rollback', 'pg-test', '@6', '--check'],
    'Rollback',
    { owner: 'pg-test', revision: 6, options: { check: true } },
  ],
  [['remove', 'pg-test', '10.10.10.12'], 'Remove', { owner: 'pg-test', nodes: ['10.10.10.12'] }],
])('pgsvc %j calls %s', async (args, method, request) => {
  fake.script = { act: async (_method, _request, stream) => stream.send(done) }

  const run = await pgsvc(...args)

  expect(run.status).toBe(0)
  expect(fake.requests).toMatchObject([{ method, request }])
})

test('pgsvc forget says what a node had', async () => {
  fake.script = {
    answers: {
      Forget: {
        nodes: [{ node: 'n2', ended: [{ owner: 'pg-test', revision: 7 }] }, { node: 'n3' }],
      },
    },
  }

  const run = await pgsvc('forget', 'n2', 'n3')

  expect(run).toMatchObject({ status: 0, stderr: '' })
  expect(run.stdout.split('\n')).toEqual([
    '[ OK ] n2  forgotten; it was assigned pg-test@7',
    '[ OK ] n3  forgotten; nothing was assigned to it',
    '',
  ])
  expect(fake.queries).toMatchObject([{ nodes: ['n2', 'n3'], options: { check: false } }])
  expect((await pgsvc('forget', 'n2', '--check')).stdout).toContain('n2  would be forgotten')
})

test('an act that fails ends with 1', async () => {
  fake.script = {
    act: async (_method, _request, stream) =>
      stream.send({
        result: {
          ok: false,
          errors: [{ code: 'REVISION_UNKNOWN', message: 'pg-test has no @9', hint: 'it has @1 to @8' }],
        },
      }),
  }

  const run = await pgsvc('rollback', 'pg-test', '9')

  expect(run.status).toBe(1)
  expect(run.stdout).toContain('[FAIL] REVISION_UNKNOWN: pg-test has no @9\n[HINT] it has @1 to @8\n')
})

const good: StatusResponse = {
  owners: [
    {
      owner: 'pg-test',
      newest: 7,
      leader: 'pg-test-1',
      nodes: [{ node: '10.10.10.11', assigned: 7, running: 7, leader: 'pg-test-1' }],
    },
  ],
  nodes: [
    {
      node: '10.10.10.11',
      connected: true,
      sinceMs: 1_000,
      wantedVersion: 3,
      sentVersion: 3,
      appliedVersion: 3,
      healthy: true,
    },
  ],
}

test('status ends with 0 when all is well and with 1 when something is not', async () => {
  fake.script = { status: good }
  const well = await pgsvc('status')
  fake.script = {
    status: {
      ...good,
      nodes: [{ ...good.nodes?.[0], healthy: false, problems: ['pg-test-primary has no server'] }],
    },
  }
  const ill = await pgsvc('status', '--json')

  expect([well.status, well.stdout.includes('all is as it should be')]).toEqual([0, true])
  expect(ill.status).toBe(1)
  expect(JSON.parse(ill.stdout)).toMatchObject({
    ok: false,
    troubles: ['10.10.10.11: pg-test-primary has no server'],
  })
})

test('status of a name that nobody knows is an error', async () => {
  fake.script = { status: {} }

  const run = await pgsvc('status', 'nosuch')

  expect([run.status, run.stdout]).toEqual([1, ''])
  expect(run.stderr).toContain('NAME_UNKNOWN: nothing is known of nosuch')
})

test('history shows revisions and acts', async () => {
  fake.script = {
    history: {
      revisions: [
        {
          number: 7,
          createdMs: Date.UTC(2026, 10, 21),
          operator: 'dba',
          nodes: ['10.10.10.11'],
          leader: 'pg-test-1',
          inventoryDigest: 'abcdef0123456789',
        },
      ],
      acts: [
        {
          publishId: 'p-1',
          atMs: Date.UTC(2026, 10, 21),
          kind: 'publish',
          operator: 'dba',
          revision: 7,
          nodes: ['10.10.10.11'],
          outcome: 'done',
        },
      ],
    },
  }

  const run = await pgsvc('history', 'pg-test', '--limit', '5')

  expect(run.status).toBe(0)
  expect(run.stdout).toContain(
    '@7        2026-11-21T00:00:00Z  dba  pg-test-1         abcdef012345  10.10.10.11\n',
  )
  expect(run.stdout).toContain('2026-11-21T00:00:00Z  publish  dba  @7        10.10.10.11  done\n')
})

test('leaders shows who leads, and what each node makes of it', async () => {
  const sinceMs = Date.UTC(2026, 10, 21, 14, 2, 11)
  const view = {
    ...{ owner: 'pg-test', leader: 'pg-test-2', confirmed: true, sinceMs, running: 'pg-test-2' },
    ...{ timings: { confirmMs: 60, tellMs: 24 }, source: 'patroni', follow: 'FOLLOW_ON' as const },
  }
  const other = { leader: 'pg-test-1', running: 'pg-test-1', follow: 'FOLLOW_REPORT' as const }
  const nodes = [
    { node: '10.10.10.11', view },
    { node: '10.10.10.18', view: { ...other, code: 'TWO_LEADERS', message: 'both answer' } },
  ]
  const cluster = { owner: 'pg-test', inventory: 'pg-test-1', followed: 'pg-test-2', sinceMs, source: 'etcd' }
  fake.script = {
    leaders: {
      clusters: [
        { ...cluster, nodes },
        { owner: 'pg-meta', inventory: 'pg-meta-1' },
      ],
    },
  }

  const run = await pgsvc('leaders', 'pg-test', 'pg-meta')
  const json = await pgsvc('leaders', '--json')

  expect([run.status, run.stderr, fake.queries]).toEqual([
    0,
    '',
    [{ owners: ['pg-test', 'pg-meta'] }, { owners: [] }],
  ])
  expect(run.stdout).toBe(
    [
      'CLUSTER  INVENTORY  FOLLOWED   SINCE                 FIRST TOLD BY  FOLLOW',
      'pg-test  pg-test-1  pg-test-2  2026-11-21T14:02:11Z  etcd           -',
      'pg-meta  pg-meta-1  -          -                     -              -',
      '',
      'CLUSTER  NODE         SEES        SINCE                 RUNS       TOLD IN  FIRST TOLD BY  FOLLOW  WHY NOT',
      'pg-test  10.10.10.11  pg-test-2   2026-11-21T14:02:11Z  pg-test-2  84 ms    patroni        on      -',
      'pg-test  10.10.10.18  pg-test-1?  -                     pg-test-1  -        -              report  TWO_LEADERS: both answer',
      '',
    ].join('\n'),
  )
  expect(JSON.parse(json.stdout)).toMatchObject({
    clusters: [
      {
        ...{
          owner: 'pg-test',
          inventory: 'pg-test-1',
          followed: 'pg-test-2',
          since_ms: sinceMs,
          follow: null,
        },
        nodes: [
          { node: '10.10.10.11', view: { leader: 'pg-test-2', timings: { confirm_ms: 60 }, follow: 'on' } },
          { node: '10.10.10.18', view: { confirmed: false, code: 'TWO_LEADERS', follow: 'report' } },
        ],
      },
      { owner: 'pg-meta' },
    ],
  })
})

const happened: readonly Event[] = [
  {
    id: 7,
    atMs: Date.UTC(2026, 10, 21, 14, 2, 11, 84),
    kind: 'connected',
    node: 'n1',
    message: 'there\u001b[2J',
  },
  {
    ...{
      id: 8,
      atMs: Date.UTC(2026, 10, 21, 14, 2, 12),
      kind: 'leader',
      owner: 'pg-test',
      node: '10.10.10.11',
    },
    message: 'pg-test-2 leads',
    leader: { step: 'LEADER_STEP_CONFIRMED', leader: 'pg-test-2', timings: { confirmMs: 60 } },
  },
]

test('events are lines, or objects', async () => {
  fake.script = { events: happened }

  const lines = await pgsvc('events', 'pg-test', '--limit', '5')
  const json = await pgsvc('events', '--json')

  expect([lines.status, fake.queries]).toEqual([
    0,
    [
      { names: ['pg-test'], limit: 5, follow: false, afterId: 0 },
      { names: [], limit: 0, follow: false, afterId: 0 },
    ],
  ])
  expect(lines.stdout).toBe(
    [
      '2026-11-21T14:02:11.084Z  connected     -             n1             there\\x1b[2J',
      '2026-11-21T14:02:12.000Z  leader        pg-test       10.10.10.11    pg-test-2 leads',
      '',
    ].join('\n'),
  )
  const told = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(told).toMatchObject([
    { id: 7, kind: 'connected', owner: '', leader: null },
    { id: 8, leader: { step: 'confirmed', leader: 'pg-test-2', timings: { confirm_ms: 60 } } },
  ])
})

test('events --follow shows each at once, and Ctrl-C is its good end', async () => {
  fake.script = { events: happened, eventsEnd: new Promise(() => undefined) }
  const running = startCommand('pgsvc', ['events', '-f'], { PGSVC_CONTROLLER: fake.address })
  await running.said('pg-test-2 leads')

  running.child.kill('SIGINT')

  expect(await running.done).toMatchObject({ status: 0, signal: null, stderr: '' })
  expect(fake.queries).toEqual([
    { names: [], limit: 0, follow: false, afterId: 0 },
    { names: [], limit: 0, follow: true, afterId: 8 },
  ])
})

test('events --follow ends when nobody reads on', async () => {
  const many = Array.from({ length: 3_000 }, (_none, id) => ({
    id,
    kind: 'leader',
    message: 'x'.repeat(100),
  }))
  fake.script = { events: many, eventsEnd: new Promise(() => undefined) }
  const running = startCommand('pgsvc', ['events', '-f'], { PGSVC_CONTROLLER: fake.address })
  await running.said('leader')

  running.child.stdout?.destroy()

  expect(await running.done).toMatchObject({ status: 0, signal: null, stderr: '' })
})

test('a listener that was too slow is told what it can do', async () => {
  const lost = 'EVENTS_MISSED: 5001 events came while this listener took none\n  hint: read faster'
  fake.script = { eventsFail: lost }

  const run = await pgsvc('events', '--follow')

  expect([run.status, run.stderr]).toEqual([1, `${lost}\n`])
})

test("the controller's refusal keeps its code and its hint", async () => {
  fake.script = { historyUnknown: 'OWNER_UNKNOWN: nothing was ever published of x\n  hint: there are a, b' }

  const run = await pgsvc('history', 'x')

  expect(run.status).toBe(1)
  expect(run.stderr).toBe('OWNER_UNKNOWN: nothing was ever published of x\n  hint: there are a, b\n')
})

test.each([
  ['an unknown verb', ['nosuch'], 2],
  ['a missing argument', ['history'], 2],
  ['a kind that there is not', ['pki', 'issue', 'root', 'x'], 2],
  ['a name too few', ['pki', 'issue', 'node'], 2],
  ['a revision that is no number', ['rollback', 'pg-test', 'x'], 2],
  ['a limit of nothing', ['events', '--limit', '0'], 2],
  ['help', ['--help'], 0],
  ['help of a verb', ['help', 'rollback'], 0],
])('%s ends with its own status', async (_name, args, expected) => {
  expect((await pgsvc(...args)).status).toBe(expected)
})

test('what runs on nodes is listed too', async () => {
  expect((await pgsvc('--help')).stdout).toMatch(/^ {2}agent .*\n {2}notify .*Patroni/m)
})

test('pgsvc agent is the program part of the nodes', async () => {
  const run = await pgsvc('agent', '--help')

  expect(run.status).toBe(0)
  expect(run.stdout).toContain('Usage: pgsvc agent')
})

test('a Node that is too old is named in one line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pgsvc-old-node-'))
  try {
    await cp(join(import.meta.dirname, '../../bin'), join(directory, 'bin'), { recursive: true })
    await writeFile(
      join(directory, 'node'),
      '#!/bin/sh\n[ "$1" = --version ] && echo v18.19.0 && exit\nexit 1\n',
      {
        mode: 0o755,
      },
    )

    const run = spawnSync(join(directory, 'bin/pgsql-svc'), ['pg-test'], {
      env: { PATH: `${directory}:/usr/bin:/bin` },
      encoding: 'utf8',
    })

    expect([run.status, run.stderr]).toEqual([
      2,
      'pgsvc needs Node 22.18 or newer, this is v18.19.0: run npm ci\n',
    ])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.each([['status'], ['history', 'pg-test'], ['leaders'], ['events']])(
  'with --json a failure of %s is JSON',
  async (...args) => {
    const away = { PGSVC_CONTROLLER: 'unix:/nonexistent/controller.sock' }
    const run = await runCommand('pgsvc', [...args, '--json'], away)

    expect([run.status, run.stderr]).toEqual([3, ''])
    expect(JSON.parse(run.stdout)).toMatchObject({
      error: { code: 'CONTROLLER_UNREACHABLE', hint: expect.stringContaining('pgsvc controller') },
    })
    const wrong = await runCommand('pgsvc', [...args, '--json', '--controller', 'nonsense'], {})
    expect([wrong.status, JSON.parse(wrong.stdout).error.code]).toEqual([2, 'CONTROLLER_ADDRESS_INVALID'])
  },
)

test.each([['status'], ['history', 'pg-test'], ['rollback', 'pg-test'], ['leaders'], ['events', '-f']])(
  'without a controller pgsvc %s ends with 3',
  async (...args) => {
    const run = await runCommand('pgsvc', args, { PGSVC_CONTROLLER: 'unix:/nonexistent/controller.sock' })

    expect(run.status).toBe(3)
  },
)
