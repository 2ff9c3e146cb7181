import { expect, test } from 'vitest'
import { fileDiff } from '../../../agent/observe/file-diff.ts'

const lines = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `    ${word} ${index}\n`).join('')

test('a long diff ends after 8 KiB, at the end of a line, and says so', () => {
  const diff = fileDiff('a.cfg', '', lines(350, 'server 127.0.0.1:5432 check port'))

  expect(Buffer.byteLength(diff)).toBeLessThanOrEqual(8 << 10)
  expect(diff).toMatch(/^\+ {4}server .+ \d+\n\(more than can be shown\)\n$/m)
})

test('texts with nothing in common are not compared for ever', () => {
  expect(fileDiff('a.cfg', lines(9_000, 'old'), lines(9_000, 'new'))).toBe(
    '--- a/a.cfg\n+++ b/a.cfg\n(too different to be shown)\n',
  )
})
