import { expect, test } from 'vitest'
import { agreementOf, changedOwners } from '../../../controller/leaders/agreement.ts'
import { type LeaderView, noTimings } from '../../../shared/model/leader.ts'

function view(more: Partial<LeaderView> = {}): LeaderView {
  return {
    ...{ owner: 'a', leader: 'a-2', confirmed: true, sinceMs: 10, running: 'a-2', timings: noTimings },
    ...{ source: 'patroni', follow: 'on', held: undefined, ...more },
  }
}

const held = { code: 'TWO_LEADERS', message: 'a-1 and a-2' }

test.each<[string, (LeaderView | undefined)[], string | undefined]>([
  ['one node', [view()], 'a-2'],
  ['nodes that say the same', [view(), view({ sinceMs: 30 })], 'a-2'],
  ['nobody', [], undefined],
  ['nodes that say different things', [view(), view({ leader: 'a-1', running: 'a-1' })], undefined],
  ['a node that has not said anything', [view(), undefined], undefined],
  ['a node that has not confirmed it', [view(), view({ confirmed: false })], undefined],
  ['a node that has not moved', [view(), view({ running: 'a-1' })], undefined],
  ['a node that is held', [view(), view({ held })], undefined],
  ['a node that only reports', [view(), view({ follow: 'report', running: 'a-1' })], 'a-2'],
  ['a node that does not look', [view(), view({ follow: 'off', leader: 'a-1', running: 'a-1' })], 'a-2'],
  ['only nodes that do not follow', [view({ follow: 'report' }), view({ follow: 'off' })], undefined],
  ['nobody leads', [view({ leader: '', running: '' })], undefined],
])('%s', (_what, views, expected) => {
  expect(agreementOf(views)?.leader).toBe(expected)
})

test('they agree since the last of them has followed', () => {
  expect(agreementOf([view({ sinceMs: 10 }), view({ sinceMs: 30 }), view({ sinceMs: 0 })])?.sinceMs).toBe(30)
})

test('only what matters for who leads counts as a change', () => {
  const before = [view(), view({ owner: 'b' }), view({ owner: 'c' })]
  const timings = { confirmMs: 1, tellMs: 1, moveMs: 1 }

  const now = [view({ timings }), view({ owner: 'b', running: 'b-1' }), view({ owner: 'd' })]

  expect(changedOwners(before, now)).toEqual(['b', 'd'])
})
