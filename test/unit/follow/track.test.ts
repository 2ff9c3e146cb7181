import { expect, test } from 'vitest'
import {
  hinted,
  inPlace,
  isBusy,
  judged,
  moveDelayMs,
  nextLookMs,
  pace,
  settled,
  startTrack,
  type Track,
  tellFailed,
  told,
  unknownLeader,
} from '../../../agent/follow/track.ts'
import type { Verdict } from '../../../agent/follow/verdict.ts'

const one = (leader: string): Verdict => ({ kind: 'one', leader, inGroup: [true] })
const none: Verdict = { kind: 'none' }
const many: Verdict = { kind: 'many', leaders: ['pg-test-1', 'pg-test-2'] }
const stableMs = 3_000

function judge(track: Track, verdict: Verdict, nowMs: number) {
  return judged(track, { verdict, nowMs, wallMs: 1_000_000 + nowMs, stableMs })
}

/** At rest, with pg-test-1 confirmed. */
function atRest(): Track {
  return judge(startTrack('pg-test-1', 0), one('pg-test-1'), 0).track
}

test('at rest nobody is asked', () => {
  expect(nextLookMs(atRest(), 1_000)).toBeUndefined()
})

test('a hint makes the agent look at once, and changes nothing else', () => {
  const before = atRest()

  const track = hinted(before, { leader: 'pg-test-2', source: 'controller' }, 5_000)

  expect(nextLookMs(track, 5_000)).toBeLessThanOrEqual(5_000)
  expect({ ...track, watch: undefined }).toEqual(before)
})

test('a hint that names whom the agent goes by anyway is no reason to look', () => {
  expect(hinted(atRest(), { leader: 'pg-test-1', source: 'controller' }, 5_000).watch).toBeUndefined()
})

test('it is a reason while nobody has been confirmed', () => {
  const track = hinted(startTrack('pg-test-1', 0), { leader: 'pg-test-1', source: 'controller' }, 5_000)
  expect(track.watch).toBeDefined()
})

test('who is named is looked for very often, for a while', () => {
  const track = hinted(atRest(), { leader: 'pg-test-2', source: 'controller' }, 0)
  const looked = judge(track, one('pg-test-1'), 10).track

  expect(nextLookMs(looked, 20)).toBe(10 + pace.fastMs)
  expect(nextLookMs(looked, pace.fastForMs)).toBe(10 + pace.usualMs)
})

test('a suspicion passes when the leader goes on answering', () => {
  let track = hinted(atRest(), { leader: '', source: 'patroni' }, 0)
  track = judge(track, one('pg-test-1'), 100).track
  expect(track.watch).toBeDefined()

  const found = judge(track, one('pg-test-1'), pace.suspectForMs)

  expect(found).toMatchObject({ passed: true, changedFrom: undefined })
  expect(found.track.watch).toBeUndefined()
})

test('a new leader is confirmed by a look, with its time, and its files wait until it is stable', () => {
  const track = hinted(atRest(), { leader: '', source: 'patroni' }, 1_000)

  const found = judge(track, one('pg-test-2'), 1_250)

  expect(found.changedFrom).toBe('pg-test-1')
  expect(found.track).toMatchObject({
    leader: 'pg-test-2',
    confirmed: true,
    sinceMs: 1_001_250,
    source: 'patroni',
    timings: { confirmMs: 250, tellMs: 0, moveMs: 0 },
    moveAtMs: 1_250 + stableMs,
    held: undefined,
  })
})

test('what Patroni needed itself is not counted as time of following', () => {
  let track = hinted(atRest(), { leader: '', source: 'patroni' }, 1_000)
  track = judge(track, none, 20_000).track

  expect(judge(track, one('pg-test-2'), 20_200).track.timings.confirmMs).toBe(200)
})

test('after a change the agent goes on looking: HAProxy may have been reloaded with what was true before', () => {
  const track = judge(hinted(atRest(), { leader: '', source: 'haproxy' }, 0), one('pg-test-2'), 100).track

  expect(nextLookMs(track, 200)).toBe(100 + pace.usualMs)
})

test.each([
  ['two that pass at the same time', many, 'TWO_LEADERS'],
  ['nobody who passes', none, undefined],
])('%s: the agent stays where it is', (_name, verdict, code) => {
  const found = judge(hinted(atRest(), { leader: 'pg-test-2', source: 'controller' }, 0), verdict, 50)

  expect(found.changedFrom).toBeUndefined()
  expect(found.track.leader).toBe('pg-test-1')
  expect(found.track.held?.code).toBe(code)
  expect(nextLookMs(found.track, 60)).toBeDefined()
})

test('files do not follow a leader that stops answering before it was stable', () => {
  const changed = judge(hinted(atRest(), { leader: '', source: 'patroni' }, 0), one('pg-test-2'), 100).track

  const track = judge(changed, none, 2_900).track

  expect(track.moveAtMs).toBe(2_900 + stableMs)
})

test('that nobody leads is said after some seconds, and members are asked less often', () => {
  let track = judge(hinted(atRest(), { leader: '', source: 'patroni' }, 0), none, 100).track
  track = judge(track, none, 100 + pace.nobodyForMs).track

  expect(track.held?.code).toBe('NO_LEADER')
  const nowMs = 200 + pace.nobodyForMs
  expect(nextLookMs(track, nowMs)).toBe(100 + pace.nobodyForMs + pace.slowMs)
})

test('a cluster that stays down is asked once a minute, and taken back when it comes', () => {
  let track = judge(hinted(atRest(), { leader: '', source: 'patroni' }, 0), none, 100).track
  const laterMs = 100 + pace.giveUpMs
  track = judge(track, none, laterMs).track
  expect(track).toMatchObject({ confirmed: false, held: { code: 'NO_LEADER' } })
  expect(nextLookMs(track, laterMs + 200)).toBe(laterMs + pace.restMs)
  expect(isBusy(track, laterMs)).toBe(false)

  const stirred = hinted(track, { leader: '', source: 'haproxy' }, laterMs + 1_000)
  expect(nextLookMs(stirred, laterMs + 1_000)).toBeLessThanOrEqual(laterMs + 1_000)
  expect(nextLookMs(judge(stirred, none, laterMs + 1_100).track, laterMs + 1_200)).toBe(
    laterMs + 1_100 + pace.usualMs,
  )

  // Nobody hints at it: HAProxy's checks and Patroni have found the leader that there was before.
  track = judge(track, one('pg-test-1'), laterMs + pace.restMs).track

  expect(track).toMatchObject({ leader: 'pg-test-1', confirmed: true, held: undefined })
})

test('what held the agent is over when one alone passes again', () => {
  const track = judge(hinted(atRest(), { leader: '', source: 'patroni' }, 0), many, 100).track

  expect(judge(track, one('pg-test-1'), 300).track.held).toBeUndefined()
})

test('a leader that the revision does not know stays told while nobody known leads', () => {
  let track = unknownLeader(hinted(atRest(), { leader: '', source: 'controller' }, 0), 'pg-test-9', 7)
  track = judge(track, none, pace.nobodyForMs).track
  track = judge(track, none, 3 * pace.nobodyForMs).track

  expect(track.held?.code).toBe('LEADER_UNKNOWN')
  expect(track.held?.message).toContain('pg-test-9')
  expect(track.held?.message).toContain('revision 7')
})

test('files wait twice as long with each change from the third on, and it is said', () => {
  expect([1, 2, 3, 4, 9, 30].map((changes) => moveDelayMs(changes, stableMs))).toEqual([
    3_000, 3_000, 6_000, 12_000, 300_000, 300_000,
  ])
  let track = atRest()
  for (const [index, leader] of ['pg-test-2', 'pg-test-1', 'pg-test-2'].entries()) {
    track = judge(
      hinted(track, { leader: '', source: 'patroni' }, index * 9_000),
      one(leader),
      index * 9_000 + 1,
    ).track
  }
  expect(track.moveAtMs).toBe(18_001 + 6_000)
  expect(track.held).toMatchObject({ code: 'FLAPPING', message: expect.stringContaining('3 times') })
})

test('one bad look does not shorten how long files wait for a leader that changes again and again', () => {
  let track = atRest()
  for (const [index, leader] of ['pg-test-2', 'pg-test-1', 'pg-test-2', 'pg-test-1'].entries()) {
    track = judge(
      hinted(track, { leader: '', source: 'patroni' }, index * 9_000),
      one(leader),
      index * 9_000 + 1,
    ).track
  }
  expect(track.moveAtMs).toBe(27_001 + 12_000)

  expect(judge(track, none, 27_300).track.moveAtMs).toBe(27_001 + 12_000)
})

test.each([
  ['TWO_LEADERS', 'look'],
  ['NO_LEADER', 'look'],
  ['LEADER_UNKNOWN', 'look'],
  ['POLICY_REPORT', 'look'],
  ['DISK_FULL', 'move'],
  ['RELOAD_FAILED', 'move'],
  [tellFailed, 'tell'],
  ['FLAPPING', 'settle'],
])('%s is over with a good %s, and with nothing else', (code, by) => {
  const held = { code, message: 'why' }
  const track: Track = { ...atRest(), held }
  const after = {
    look: judge(track, one('pg-test-1'), 1_000).track,
    move: inPlace(track),
    tell: told(track),
    settle: { ...settled(track), held: code === 'FLAPPING' ? settled(track).held : held },
  }
  const over = Object.entries(after).flatMap(([step, { held: left }]) => (left === undefined ? [step] : []))

  expect(over).toEqual([by])
})
