import { expect, test } from 'vitest'
import { asGone, goneOwners } from '../../../controller/publish/gone-owners.ts'
import { AppError } from '../../../shared/errors/app-error.ts'

const assigned = new Map([
  ['pg-a', ['n1', 'n2']],
  ['pg-b', ['n3']],
  ['node:n9', ['n9']],
])
const target = (owner: string) => ({ owner, nodes: ['n1'], provider: '' })
const cluster = (pattern: string) => ({ pattern, kind: 'cluster' as const })

test('a cluster that is published and that the inventory has no more is an error when it is named', () => {
  const { errors, warnings } = goneOwners(cluster('pg-a'), [], assigned)
  expect(errors).toEqual([
    {
      code: 'OWNER_GONE',
      owner: 'pg-a',
      message: 'the inventory has no pg-a any more, and it is published on n1, n2; nothing of it was changed',
      hint: 'mend the inventory ("pgsvc lint" says what is odd about it), or end it with "pgsvc remove pg-a"',
    },
  ])
  expect(warnings).toEqual([])
})

test('one that is there, one that never was published, and a group are none', () => {
  expect(goneOwners(cluster('pg-a'), [target('pg-a')], assigned)).toEqual({ errors: [], warnings: [] })
  expect(goneOwners(cluster('pg-z'), [], assigned)).toEqual({ errors: [], warnings: [] })
  expect(goneOwners(cluster('pgsql'), [target('pg-a')], assigned)).toEqual({ errors: [], warnings: [] })
})

test('a publish of all, or of a glob, warns of each, of its own kind', () => {
  const codes = ({ warnings }: ReturnType<typeof goneOwners>) => warnings.map(({ owner }) => owner)
  expect(codes(goneOwners(cluster('all'), [target('pg-b')], assigned))).toEqual(['pg-a'])
  expect(codes(goneOwners(cluster('pg-?'), [target('pg-b')], assigned))).toEqual(['pg-a'])
  expect(codes(goneOwners(cluster('x*'), [], assigned))).toEqual([])
  expect(codes(goneOwners({ pattern: 'all', kind: 'node' }, [], assigned))).toEqual(['node:n9'])
  expect(goneOwners({ pattern: 'n9', kind: 'node' }, [], assigned).errors).toMatchObject([
    { owner: 'node:n9' },
  ])
})

test('a name that the inventory does not know is said with what runs of it, when something does', () => {
  const unknown = new AppError('TARGET_UNKNOWN', 'no pg-a')
  expect(asGone(unknown, cluster('pg-a'), assigned)).toMatchObject({ code: 'OWNER_GONE' })
  expect(asGone(unknown, cluster('pg-z'), assigned)).toBe(unknown)
  const other = new AppError('INVENTORY_INVALID', 'bad')
  expect(asGone(other, cluster('pg-a'), assigned)).toBe(other)
})
