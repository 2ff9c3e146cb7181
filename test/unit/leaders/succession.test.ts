import { expect, test } from 'vitest'
import { type Succession, succession } from '../../../controller/store/succession.ts'

const claim = (leader: string, system = '', timeline = 0) => ({ leader, timeline: { system, timeline } })

test.each<[string, ReturnType<typeof claim> | undefined, ReturnType<typeof claim>, Succession]>([
  ['the first leader there is', undefined, claim('a-2', '7', 3), 'leader'],
  ['the same one again', claim('a-1', '7', 3), claim('a-1', '7', 3), 'known'],
  ['the same one, without a timeline', claim('a-1', '7', 3), claim('a-1'), 'known'],
  ['the same one, promoted once more', claim('a-1', '7', 3), claim('a-1', '7', 4), 'timeline'],
  ['the same one, whose timeline was not known', claim('a-1'), claim('a-1', '7', 4), 'timeline'],
  ['the same one, in a new system', claim('a-1', '7', 4), claim('a-1', '8', 1), 'timeline'],
  ['a late word of the same one', claim('a-1', '7', 4), claim('a-1', '7', 3), 'known'],
  ['another one on a later timeline', claim('a-1', '7', 3), claim('a-2', '7', 4), 'leader'],
  ['another one that has not switched timelines yet', claim('a-1', '7', 3), claim('a-2', '7', 3), 'leader'],
  ['another one on an earlier timeline', claim('a-1', '7', 4), claim('a-2', '7', 3), 'older'],
  ['another one of another system', claim('a-1', '7', 4), claim('a-2', '8', 1), 'leader'],
  ['another one whose timeline is not known', claim('a-1', '7', 4), claim('a-2', '7', 0), 'leader'],
  ['another one whose system is not known', claim('a-1', '7', 4), claim('a-2', '', 3), 'leader'],
])('%s', (_what, known, said, expected) => {
  expect(succession(known, said)).toBe(expected)
})
