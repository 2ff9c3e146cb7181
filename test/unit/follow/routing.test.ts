import { expect, test } from 'vitest'
import { routingOf } from '../../../agent/follow/routing.ts'
import { verdictOf } from '../../../agent/follow/verdict.ts'

const members = [1, 2, 3].map((seq) => ({
  instance: `pg-test-${seq}`,
  address: `10.10.10.1${seq}`,
  patroniPort: 8008,
  patroniTls: false,
}))

function listen(name: string, check: string, servers: readonly number[], more = ''): string {
  const lines = servers.map(
    (seq) => `    server pg-test-${seq} 10.10.10.1${seq}:6432 check port 8008 weight 100`,
  )
  return `listen ${name}
    bind *:5433
    mode tcp
    option httpchk
    http-check send meth OPTIONS uri ${check}
    http-check expect status 200
    default-server inter 3s fastinter 1s rise 3 fall 3 on-marked-down shutdown-sessions slowstart 30s maxconn 3000
${more}${lines.join('\n')}
`
}

test('services that ask the same of the same members are one group', () => {
  const { groups } = routingOf(members, [
    listen('pg-test-primary', '/primary', [1, 2, 3]),
    listen('pg-test-default', '/primary', [1, 2, 3]),
    listen('pg-test-replica', '/read-only', [1, 2, 3]),
    listen('pg-test-offline', '/replica', [3]),
  ])

  expect(groups.map(({ sections }) => sections.map(({ name }) => name))).toEqual([
    ['pg-test-primary', 'pg-test-default'],
  ])
  expect(groups[0]?.probes.get('pg-test-2')).toMatchObject({
    host: '10.10.10.12',
    port: 8008,
    method: 'OPTIONS',
    path: '/primary',
    expect: [[200, 200]],
  })
  expect(groups[0]?.sections[0]?.servers[0]).toEqual({
    name: 'pg-test-1',
    instance: 'pg-test-1',
    slowstartMs: 30_000,
    maxconn: 3_000,
  })
})

test.each(['/', '/primary', '/master', '/leader', '/read-write', '/standby-leader', '/primary?lag=1MB'])(
  '%s is asked of who leads',
  (path) => {
    expect(routingOf(members, [listen('pg-test-x', path, [1, 2])]).groups[0]?.sections).toHaveLength(1)
  },
)

test.each(['/replica', '/read-only', '/health', '/sync', '/primaryx', '/liveness'])(
  '%s says nothing of who leads',
  (path) => {
    expect(routingOf(members, [listen('pg-test-x', path, [1, 2])]).groups[0]?.sections).toHaveLength(0)
  },
)

test('a check that takes 503 for good follows nobody', () => {
  const text = listen('pg-test-x', '/primary', [1, 2]).replace('status 200', 'status 200-599')
  expect(routingOf(members, [text]).groups[0]?.sections).toHaveLength(0)
})

test('a section with a server that is no member, or that is not checked, is left to HAProxy', () => {
  const stranger = listen(
    'pg-test-x',
    '/primary',
    [1, 2],
    '    server backup 10.9.9.9:5432 check port 8008\n',
  )
  const unchecked = listen('pg-test-y', '/primary', [1], '    server pg-test-2 10.10.10.12:6432\n')
  expect(routingOf(members, [stranger, unchecked]).groups[0]?.sections).toHaveLength(0)
})

test('a server with a name of its own is known by the address', () => {
  const text = listen('pg-test-x', '/primary', [1]).replace('server pg-test-1 ', 'server one ')
  expect(routingOf(members, [text]).groups[0]?.sections[0]?.servers).toMatchObject([
    { name: 'one', instance: 'pg-test-1' },
  ])
})

test('without a service that asks who leads, the members are asked all the same', () => {
  const { groups } = routingOf(members, [listen('pg-test-replica', '/read-only', [1, 2, 3])])

  expect(groups).toHaveLength(1)
  expect(groups[0]?.sections).toEqual([])
  expect(groups[0]?.probes.get('pg-test-3')).toMatchObject({ host: '10.10.10.13', path: '/leader' })
})

test('members that no such service has are asked all the same, and the others for their lock', () => {
  const { groups, locks } = routingOf(members, [listen('pg-test-primary', '/primary', [1, 2])])

  expect(groups.map(({ sections }) => sections.length)).toEqual([1, 0])
  expect([...(groups[1]?.probes ?? [])]).toMatchObject([
    ['pg-test-3', { host: '10.10.10.13', path: '/leader' }],
  ])
  expect([...locks.keys()]).toEqual(['pg-test-1', 'pg-test-2'])
})

const answers = (...passing: readonly string[]) =>
  new Map(members.map(({ instance }) => [instance, passing.includes(instance) ? 'passes' : 'fails'] as const))
const twoGroups = routingOf(members, [
  listen('pg-test-primary', '/primary', [1, 2, 3]),
  listen('pg-test-write', '/read-write', [1, 2, 3]),
])

test.each([
  ['nobody passes', [answers(), answers()], { kind: 'none' }],
  [
    'one passes everywhere',
    [answers('pg-test-2'), answers('pg-test-2')],
    { kind: 'one', leader: 'pg-test-2', inGroup: [true, true] },
  ],
  [
    'one passes by one check only',
    [answers('pg-test-2'), answers()],
    { kind: 'one', leader: 'pg-test-2', inGroup: [true, false] },
  ],
  [
    'two pass by one check',
    [answers('pg-test-1', 'pg-test-2'), answers()],
    { kind: 'many', leaders: ['pg-test-1', 'pg-test-2'] },
  ],
  [
    'two pass by different checks',
    [answers('pg-test-2'), answers('pg-test-1')],
    { kind: 'many', leaders: ['pg-test-1', 'pg-test-2'] },
  ],
])('%s', (_name, given, expected) => {
  expect(verdictOf(twoGroups, given)).toEqual(expected)
})
