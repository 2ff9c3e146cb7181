import { mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unchangedReader } from '../../agent/observe/unchanged-reader.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'

let dir: string
let reads: string[]
let counted: Files

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pgsvc-unchanged-'))
  reads = []
  const files = systemFiles()
  counted = {
    ...files,
    read: (path) => {
      reads.push(path)
      return files.read(path)
    },
  }
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** So that nothing was written just now. */
const later = { now: () => Date.now() + 60_000 }

test('a file is read once, and again after it was written, exchanged or removed', async () => {
  const path = join(dir, 'a.cfg')
  const reader = unchangedReader(counted, later)
  const text = async () => String(await reader.read(path))
  await writeFile(path, 'one')
  expect([await text(), await text(), reads.length]).toEqual(['one', 'one', 1])

  await writeFile(path, 'two')
  expect([await text(), reads.length]).toEqual(['two', 2])

  await writeFile(join(dir, 'b'), 'six')
  await rename(join(dir, 'b'), path)
  expect([await text(), reads.length]).toEqual(['six', 3])

  await rm(path)
  expect(await reader.read(path)).toBeUndefined()
})

test('times that were set back hide nothing', async () => {
  const path = join(dir, 'a.cfg')
  const reader = unchangedReader(counted, later)
  await writeFile(path, 'one')
  await utimes(path, 1_000, 1_000)
  await reader.read(path)
  await writeFile(path, 'two')
  await utimes(path, 1_000, 1_000)
  expect(String(await reader.read(path))).toBe('two')
})

test('what a link leads to counts', async () => {
  const [path, target] = [join(dir, 'link.cfg'), join(dir, 'target')]
  const reader = unchangedReader(counted, later)
  await writeFile(target, 'one')
  await symlink('target', path)
  await reader.read(path)
  await writeFile(target, 'two')
  expect(String(await reader.read(path))).toBe('two')
})

test('what was written just now is read again, since it may be written again with the same times', async () => {
  const path = join(dir, 'a.cfg')
  const reader = unchangedReader(counted, { now: Date.now })
  await writeFile(path, 'one')
  await reader.read(path)
  await reader.read(path)
  expect(reads.length).toBe(2)
})

test('what the kernel makes up is read each time', async () => {
  const reader = unchangedReader(counted, later)
  await reader.read('/proc/uptime')
  await reader.read('/proc/uptime')
  expect(reads).toEqual(['/proc/uptime', '/proc/uptime'])
})
