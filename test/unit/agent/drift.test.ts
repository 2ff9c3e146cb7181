import { expect, test } from 'vitest'
import { findDrift } from '../../../agent/observe/drift.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'

test('when others rewrite very many files, all are named and as many shown as a message holds', () => {
  const lines = (word: string) =>
    Array.from({ length: 150 }, (_, index) => `  ${word} ${index} ${'x'.repeat(60)}`)
  const applied = `listen a\n${lines('server').join('\n')}\n`
  const names = Array.from({ length: 300 }, (_, index) => `f${1000 + index}.cfg`)
  const owned = Object.fromEntries(names.map((name) => [name, { digest: sha256(applied), owner: 'pg-a' }]))
  const live = new Map(names.map((name) => [name, `listen a\n${lines('other').join('\n')}\n`]))

  const found = findDrift(owned, live, new Map([[sha256(applied), applied]]))

  expect(found.map(({ name, kind }) => [name, kind])).toEqual(names.map((name) => [name, 'changed']))
  const shown = found.filter(({ diff }) => diff !== undefined)
  expect(shown.map(({ name }) => name)).toEqual(names.slice(0, shown.length))
  expect(shown.length).toBeGreaterThan(100)
  expect(shown.reduce((sum, { diff = '' }) => sum + diff.length, 0)).toBeLessThanOrEqual(1 << 20)
})
