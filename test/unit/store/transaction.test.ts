import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, test } from 'vitest'
import { transaction } from '../../../controller/store/transaction.ts'

let db: DatabaseSync

beforeEach(() => {
  db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE t (x)')
})

const rows = () => db.prepare('SELECT x FROM t').all().length
const insert = () => void db.exec('INSERT INTO t VALUES (1)')

test('what was written stays', () => {
  transaction(db, insert)

  expect(rows()).toBe(1)
})

test('of work that failed nothing stays, and the next transaction goes on', () => {
  const fail = () => {
    insert()
    throw new Error('no')
  }

  expect(() => transaction(db, fail)).toThrow('no')

  expect(rows()).toBe(0)
  transaction(db, insert)
  expect(rows()).toBe(1)
})

test('where SQLite has rolled back by itself the first error is told, not that of the second roll-back', () => {
  const diskFull = () => {
    insert()
    db.exec('ROLLBACK') // as SQLite does itself with a full disk
    throw new Error('database or disk is full')
  }

  expect(() => transaction(db, diskFull)).toThrow('database or disk is full')
})
