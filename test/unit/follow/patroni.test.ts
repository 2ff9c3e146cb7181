import { expect, test } from 'vitest'
import { leadsAfter, parseCallback } from '../../../agent/follow/callback.ts'
import { patroniHint } from '../../../agent/follow/patroni-hint.ts'
import { claimsToLead, type PatroniStatus, parsePatroniStatus } from '../../../agent/follow/patroni-status.ts'

/** What `GET /patroni` of Patroni 3 says, as far as it is looked at; whole answers of Patroni 4: recorded.test.ts. */
const answers = {
  // Patroni 3.0.2, seen in the lab.
  primary3: `{"state": "running", "postmaster_start_time": "2026-11-21 10:00:00.1+00:00", "role": "master", "server_version": 150018, "xlog": {"location": 83886432}, "timeline": 4, "replication": [{"usename": "replicator"}], "dcs_last_seen": 1795255200, "database_system_identifier": "7571234567890123456", "patroni": {"version": "3.0.2", "scope": "pg-test", "name": "pg-test-1"}}`,
  replica3: `{"state": "running", "role": "replica", "timeline": 4, "database_system_identifier": "7571234567890123456", "patroni": {"version": "3.0.2", "scope": "pg-test", "name": "pg-test-2"}}`,
  stopping3: `{"state": "stopping", "role": "master", "database_system_identifier": "7571234567890123456", "patroni": {"version": "3.0.2", "scope": "pg-test", "name": "pg-test-1"}}`,
  unlocked3: `{"state": "running", "role": "replica", "timeline": 4, "cluster_unlocked": true, "database_system_identifier": "7571234567890123456", "patroni": {"version": "3.0.2", "scope": "pg-test", "name": "pg-test-2"}}`,
  standby3: `{"state": "running", "role": "standby_leader", "timeline": 4, "database_system_identifier": "7571234567890123456", "patroni": {"version": "3.0.2", "scope": "pg-dr", "name": "pg-dr-1"}}`,
}

function parsed(name: keyof typeof answers): PatroniStatus {
  const status = parsePatroniStatus(answers[name])
  if (status === undefined) throw new Error('an answer of a Patroni')
  return status
}

test.each([
  ['primary3', true],
  ['replica3', false],
  ['stopping3', false],
  ['unlocked3', false],
  ['standby3', true],
] as const)('%s: claims to lead: %s', (name, leads) => {
  expect(claimsToLead(parsed(name))).toBe(leads)
})

test('history and lock are read', () => {
  expect(parsed('primary3')).toEqual({
    state: 'running',
    role: 'master',
    timeline: { system: '7571234567890123456', timeline: 4 },
    unlocked: false,
  })
  expect(parsed('unlocked3').unlocked).toBe(true)
})

test.each(['', '{', '[]', '"text"', '{}', 'null', '<html>'])('%j is no Patroni', (text) => {
  expect(parsePatroniStatus(text)).toBeUndefined()
})

const something = { leader: '', source: 'patroni' }
const ownLead = { instance: 'pg-test-1', leader: 'pg-test-1' }
const othersLead = { instance: 'pg-test-1', leader: 'pg-test-2' }

test.each([
  ['the leader goes on leading', 'primary3', 'primary3', ownLead, undefined],
  ['the leader is stopping', 'stopping3', 'primary3', ownLead, something],
  ['the leader has become a replica', 'replica3', 'primary3', ownLead, something],
  ['the leader does not answer any more', undefined, 'primary3', ownLead, something],
  ['the leader has never answered', undefined, undefined, ownLead, undefined],
  ['a replica does not answer', undefined, 'replica3', othersLead, undefined],
  ['a replica goes on being one', 'replica3', 'replica3', othersLead, undefined],
  ['a replica sees that nobody holds the lock', 'unlocked3', 'replica3', othersLead, something],
  ['it has seen that before', 'unlocked3', 'unlocked3', othersLead, undefined],
  [
    'a replica has become the primary',
    'primary3',
    'replica3',
    othersLead,
    { leader: 'pg-test-1', source: 'patroni' },
  ],
  [
    'the same at the first poll',
    'primary3',
    undefined,
    othersLead,
    { leader: 'pg-test-1', source: 'patroni' },
  ],
] as const)('%s', (_name, now, before, view, expected) => {
  const status = now && parsed(now)
  expect(patroniHint(status, before && parsed(before), view)).toEqual(expected)
})

test('a replica on another timeline than before is a reason to look', () => {
  const before = parsed('replica3')
  const now = { ...before, timeline: { ...before.timeline, timeline: 5 } }
  expect(patroniHint(now, before, othersLead)).toEqual(something)
})

test.each([
  ['on_role_change primary pg-test', true],
  ['on_role_change master pg-test\n', true],
  ['on_role_change standby_leader pg-dr', true],
  ['on_role_change replica pg-test', false],
  ['on_stop primary pg-test', false],
] as const)('%j is a callback; leads after it: %s', (line, leads) => {
  const callback = parseCallback(line)
  expect(callback && leadsAfter(callback)).toBe(leads)
})

test.each([
  '',
  'on_role_change',
  'on_role_change primary',
  'on_x primary pg-test',
  'on_stop primary pg-test more',
  'on_stop primary pg/test',
  `on_stop primary ${'x'.repeat(200)}`,
])('%j is no callback', (line) => {
  expect(parseCallback(line)).toBeUndefined()
})
