import { expect, test } from 'vitest'
import { stepMessage } from '../../../controller/leaders/step-message.ts'
import { type LeaderReport, noTimings, unknownTimeline } from '../../../shared/model/leader.ts'

function said(more: Partial<LeaderReport> & Pick<LeaderReport, 'step'>): string {
  const report = { owner: 'pg-a', leader: 'pg-a-2', before: '', atMs: 1, source: 'patroni', held: undefined }
  return stepMessage({ ...report, timings: noTimings, timeline: unknownTimeline, ...more })
}

test('a move that replaced an edit says so', () => {
  const held = { code: 'EDIT_REPLACED', message: 'a.cfg was replaced' }
  expect(said({ step: 'moved' })).toBe('the variant of pg-a-2 is in place')
  expect(said({ step: 'moved', held })).toBe(
    'the variant of pg-a-2 is in place; EDIT_REPLACED: a.cfg was replaced',
  )
})

test('files that wait for a calmer leader are not called unfollowed: HAProxy has been told', () => {
  const held = (code: string) => ({ code, message: 'why' })
  expect(said({ step: 'held', held: held('FLAPPING') })).toBe('files wait: FLAPPING: why')
  expect(said({ step: 'held', held: held('TWO_LEADERS') })).toBe('not followed: TWO_LEADERS: why')
})
