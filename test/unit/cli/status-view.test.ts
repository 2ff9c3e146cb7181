import { expect, test } from 'vitest'
import { createPaint } from '../../../controller/cli/paint.ts'
import { assignedText, statusText, statusTroubles } from '../../../controller/cli/status-view.ts'
import type { NodeStatus } from '../../../shared/rpc/generated/pgsvc/v1/NodeStatus.ts'
import type { OwnerNodeStatus } from '../../../shared/rpc/generated/pgsvc/v1/OwnerNodeStatus.ts'
import { status } from './events.ts'

const wellNode: NodeStatus = {
  node: 'n1',
  connected: true,
  sinceMs: Date.UTC(2026, 10, 21, 23, 0, 0, 500),
  wantedVersion: 12,
  sentVersion: 12,
  appliedVersion: 12,
  healthy: true,
  agentVersion: '0.1.0',
  haproxyVersion: '2.6.12',
  certificateNotAfterMs: Date.UTC(2026, 11, 21, 7),
}

test.each([
  [[7, 7, 6], 'two nodes at @7, one at @6'],
  [[7], 'one node at @7'],
  [[6, 7, 0], 'one node at @7, one at @6, one being removed'],
  [[], 'no node'],
])('assigned %j reads %s', (assigned, text) => {
  const nodes = assigned.map((revision, at) => ({
    node: `n${at}`,
    assigned: revision,
    running: 0,
    leader: '',
    wantedLeader: '',
  }))

  expect(assignedText(nodes)).toBe(text)
})

test('a healthy system is three tables and one good word', () => {
  const all = status({
    owners: [
      {
        owner: 'pg-test',
        newest: 7,
        leader: 'pg-test-1',
        nodes: [{ node: 'n1', assigned: 7, running: 7, leader: 'pg-test-1' }],
      },
    ],
    nodes: [wellNode],
  })

  expect(statusText(all, createPaint(false))).toBe(
    [
      'OWNER    NEWEST  LEADER     PROVIDER  ASSIGNED',
      'pg-test  @7      pg-test-1  -         one node at @7',
      '',
      'OWNER    NODE  ASSIGNED  RUNNING  LEADER',
      'pg-test  n1    @7        @7       pg-test-1',
      '',
      'NODE  STREAM     SINCE                 WANTED  SENT  APPLIED  HEALTH   AGENT  HAPROXY  CERTIFICATE ENDS',
      'n1    connected  2026-11-21T23:00:00Z  12      12    12       healthy  0.1.0  2.6.12   2026-12-21',
      '',
      '[ OK ] all is as it should be',
      '',
    ].join('\n'),
  )
})

test('an etcd that is watched is a line, one that is not is a trouble, and the first attempt is neither', () => {
  const sinceMs = Date.UTC(2026, 10, 21, 23)
  const watching = { watching: true, sinceMs, endpoint: '10.10.10.10:2379', leaders: 3 }
  const trying = { watching: false, sinceMs, reason: '10.10.10.10:2379: no leader' }

  expect(statusText(status({ etcd: watching }), createPaint(false))).toContain(
    'etcd 10.10.10.10:2379 is watched since 2026-11-21T23:00:00Z; 3 clusters have a leader there',
  )
  expect(statusTroubles(status({ etcd: trying }))).toEqual([
    'etcd is not watched since 2026-11-21T23:00:00Z (10.10.10.10:2379: no leader); leader changes are learnt from the agents alone',
  ])
  expect(statusTroubles(status({ etcd: { ...trying, reason: '' } }))).toEqual([])
  expect(statusTroubles(status({}))).toEqual([])
})

test('nothing published yet is said', () => {
  expect(statusText(status({}), createPaint(false))).toContain('nothing has been published yet')
})

test.each<[string, NodeStatus, string[]]>([
  ['offline', { connected: false, sinceMs: 1000 }, ['n1: offline since 1970-01-01T00:00:01Z']],
  ['never seen', { connected: false, sinceMs: 0 }, ['n1: offline, never seen']],
  [
    'revoked',
    { connected: false, sinceMs: 1000, problems: ['not connected', 'its certificate was revoked'] },
    ['n1: offline since 1970-01-01T00:00:01Z; its certificate was revoked'],
  ],
  ['behind', { appliedVersion: 11 }, ['n1: version 12 is wanted, 11 is applied']],
  [
    'parked',
    {
      appliedVersion: 11,
      parked: true,
      fault: { code: 'HAPROXY_REFUSED', message: 'refused', file: 'a.cfg', line: 3 },
    },
    [
      'n1: a.cfg:3: HAPROXY_REFUSED: refused',
      'n1: version 12 failed and is not sent again; the agent tries by itself when the cause was on the node, else mend it and publish again',
    ],
  ],
  [
    'unhealthy',
    { healthy: false, problems: ['a.cfg changed', 'pg-test-primary has no server'] },
    ['n1: a.cfg changed; pg-test-primary has no server'],
  ],
])('a node that is %s is a trouble', (_name, change, troubles) => {
  expect(statusTroubles(status({ nodes: [{ ...wellNode, ...change }] }))).toEqual(troubles)
})

test.each<[OwnerNodeStatus, string[]]>([
  [{ assigned: 7, running: 7, leader: 'a' }, []],
  [{ assigned: 7, running: 6, leader: 'a' }, ['pg on n1: @7 is assigned, @6 runs']],
  [{ assigned: 7, running: 0 }, ['pg on n1: @7 is assigned, nothing of it runs']],
  [{ assigned: 0, running: 6 }, ['pg on n1: its files are still there, though removed']],
  [{ assigned: 7, running: 7, leader: 'b', wantedLeader: 'b' }, []],
  [{ assigned: 7, running: 7, leader: 'b' }, ['pg on n1: the variant of a is to run, that of b does']],
])('an owner on a node as %j', (node, troubles) => {
  const owners = [{ owner: 'pg', newest: 7, leader: 'a', nodes: [{ node: 'n1', ...node }] }]

  expect(statusTroubles(status({ owners }))).toEqual(troubles)
})

test.each([
  ['the one of the inventory', { leader: 'pg-1', inventoryLeader: 'pg-1', leaderSinceMs: 5 }, undefined],
  [
    'another one',
    {
      leader: 'pg-2',
      inventoryLeader: 'pg-1',
      leaderSinceMs: Date.UTC(2026, 10, 21, 14, 2, 11),
      followedInMs: 84,
    },
    'pg: inventory says pg-1, Patroni says pg-2 since 2026-11-21T14:02:11Z, followed in 84 ms',
  ],
  [
    'another one, and no node tells when',
    { leader: 'pg-2', inventoryLeader: 'pg-1' },
    'pg: inventory says pg-1, Patroni says pg-2',
  ],
  [
    'seen by the nodes, and not followed yet',
    {
      ...{ leader: 'pg-1', inventoryLeader: 'pg-1', liveLeader: 'pg-2' },
      liveSinceMs: Date.UTC(2026, 10, 21, 14, 2, 11),
    },
    'pg: inventory says pg-1, Patroni says pg-2 since 2026-11-21T14:02:11Z',
  ],
  [
    'seen by the nodes to be the one of the inventory again',
    { leader: 'pg-2', inventoryLeader: 'pg-1', liveLeader: 'pg-1', leaderSinceMs: 5 },
    undefined,
  ],
  ['one that an earlier controller does not compare', { leader: 'pg-2' }, undefined],
])('a leader that is %s', (_what, leader, line) => {
  const owners = [{ owner: 'pg', newest: 7, ...leader }]
  const text = statusText(status({ owners }), createPaint(false))

  const lines = text.split('\n').filter((each) => each.includes('Patroni'))
  expect(lines).toEqual(line === undefined ? [] : [line])
  expect(text).toContain('[ OK ]')
})

test('what reloads have left behind is a table of its own, for nodes that tell', () => {
  const reload = {
    atMs: Date.UTC(2026, 10, 21, 23, 5),
    reasons: ['a.cfg added', 'b.cfg changed'],
    sessionsLeft: 9,
  }
  const oldWorkers = [
    { pid: 7, oldForS: 9_000, sessions: 3 },
    { pid: 8, oldForS: 60, sessions: 4 },
  ]
  const nodes = [
    { ...wellNode, oldWorkers, lastReload: reload },
    { ...wellNode, node: 'n2', oldWorkers: [{ pid: 9, oldForS: 119, sessions: 1 }] },
    { ...wellNode, node: 'n3' },
    { ...wellNode, node: 'n4', lastReload: { ...reload, reasons: ['a.cfg added', 'b', 'c', 'd'] } },
  ]

  expect(statusText(status({ nodes }), createPaint(false))).toContain(
    [
      'NODE  RELOADED              WHY                         OLD WORKERS  THEIR SESSIONS  OLDEST',
      'n1    2026-11-21T23:05:00Z  a.cfg added, b.cfg changed  2            7               2 h',
      'n2    -                     -                           1            1               119 s',
      'n4    2026-11-21T23:05:00Z  a.cfg added, b and 2 more   0            0               -',
      '',
    ].join('\n'),
  )
})

test('an owner in quarantine is told with what is kept and why', () => {
  const fault = {
    stage: 'STAGE_VALIDATE',
    code: 'HAPROXY_REFUSED',
    file: 'pg-a.cfg',
    line: 4,
    message: 'no',
  } as const
  const quarantined = [
    { owner: 'pg-a', revision: 7, keptRevision: 6, fault },
    { owner: 'pg-b', revision: 1, keptRevision: 0, fault },
  ]

  expect(statusTroubles(status({ nodes: [{ ...wellNode, healthy: false, quarantined }] }))).toEqual([
    'n1: pg-a@7 is in quarantine, @6 runs on: pg-a.cfg:4: HAPROXY_REFUSED: no',
    'n1: pg-b@1 is in quarantine, nothing of it is there: pg-a.cfg:4: HAPROXY_REFUSED: no',
  ])
})

test('what others did to files and what was put back is shown, equal diffs once', () => {
  const drift = [
    {
      name: 'a.cfg',
      kind: 'changed',
      owner: 'pg-a',
      action: 'left',
      diff: '--- a/a.cfg\n+++ b/a.cfg\n+x\u001b\n',
    },
  ]
  const lastRepair = {
    ...{ atMs: Date.UTC(2026, 10, 21), restored: ['b.cfg'], repaired: ['c.cfg'] },
    ...{ othersVanished: ['z.cfg (a copy is /k/z.cfg)'], change: 'CHANGE_RELOAD' as const },
  }
  const all = status({
    nodes: [
      { ...wellNode, drift, lastRepair },
      { ...wellNode, node: 'n2', drift },
    ],
  })

  const text = statusText(all, createPaint(false))

  expect(text).toContain(
    [
      'NODE  PUT BACK              FILES                       HAPROXY   VANISHED FILES OF OTHERS',
      'n1    2026-11-21T00:00:00Z  b.cfg, c.cfg (was changed)  reloaded  z.cfg (a copy is /k/z.cfg)',
      '',
      'a.cfg, changed by others, on n1 n2',
      '--- a/a.cfg',
    ].join('\n'),
  )
  expect(text).not.toContain('\u001b')
})
