import { expect, test } from 'vitest'
import { type KnownSets, newestGood } from '../../../agent/apply/newest-good.ts'

const nothing: KnownSets = { remembered: 0, marked: 0, generations: [], asides: [] }

/** `g5`, `before-g1`, or undefined for nothing on disk. */
function chosen(sets: Partial<KnownSets>): string | undefined {
  const found = newestGood({ ...nothing, ...sets })
  return found && `${found.kind === 'aside' ? 'before-' : ''}g${found.number}`
}

test.each<[string, Partial<KnownSets>, string | undefined]>([
  // With its memory.
  ['only the link went', { remembered: 5, marked: 5, generations: [3, 4, 5], asides: [1] }, 'g5'],
  ['the mark was not written yet', { remembered: 5, marked: 4, generations: [3, 4, 5], asides: [1] }, 'g5'],
  ['a conversion of which there is no record', { remembered: 0, asides: [1] }, 'before-g1'],
  [
    'a second conversion, after others put a directory there',
    { remembered: 6, marked: 6, generations: [5, 6, 7], asides: [1, 7] },
    'before-g7',
  ],
  ['the generation went too: it is made anew', { remembered: 5, marked: 5, generations: [4] }, undefined],
  ['nothing but the memory is left', { remembered: 5 }, undefined],
  ['a memory from a backup, older than the disk', { remembered: 3, marked: 9, generations: [7, 8, 9] }, 'g9'],
  [
    'the same, and the newest generation is gone',
    { remembered: 3, marked: 9, generations: [7, 8], asides: [1] },
    'g8',
  ],
  [
    'a memory newer than what is left on disk',
    { remembered: 9, marked: 5, generations: [4, 5], asides: [1] },
    undefined,
  ],
  // Without.
  ['memory lost', { marked: 5, generations: [3, 4, 5], asides: [1] }, 'g5'],
  ['memory lost right after the first conversion', { marked: 1, generations: [1], asides: [1] }, 'g1'],
  ['memory lost in the middle of the first conversion', { generations: [1], asides: [1] }, 'before-g1'],
  [
    'memory lost in the middle of a later conversion',
    { marked: 6, generations: [5, 6, 7], asides: [1, 7] },
    'before-g7',
  ],
  ['memory lost long after a later conversion', { marked: 8, generations: [6, 7, 8], asides: [1, 7] }, 'g8'],
  [
    'memory lost while an apply was at work: what was before is known to be good',
    { marked: 5, generations: [4, 5, 6], asides: [1] },
    'g5',
  ],
  ['memory lost, the marked generation gone', { marked: 5, generations: [3, 4], asides: [1] }, 'g4'],
  ['the same, with a newer one that nobody saw run', { marked: 5, generations: [4, 6], asides: [1] }, 'g4'],
  ['nobody saw it run, and nothing else is there', { marked: 5, generations: [6] }, 'g6'],
  ['memory and generations lost', { marked: 5, asides: [1] }, 'before-g1'],
  [
    'memory and mark lost: the one before the newest went through',
    { generations: [3, 4, 5], asides: [1] },
    'g4',
  ],
  ['memory and mark lost, a single generation', { generations: [5], asides: [1] }, 'g5'],
  ['a first publish where nothing had stood', { generations: [1] }, 'g1'],
  ['nothing at all', {}, undefined],
])('%s', (_case, sets, expected) => {
  expect(chosen(sets)).toBe(expected)
})
