import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPrograms } from '../../../controller/enroll/program.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-program-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function programs(content: string | Uint8Array) {
  const path = join(folder, 'program')
  writeFileSync(path, content)
  return createPrograms(path, '/nowhere')
}

/** The first bytes of a program for a machine, e.g. 62 for x86_64. */
function elf(machine: number): Buffer {
  const head = Buffer.alloc(64)
  head.writeUInt32BE(0x7f454c46, 0)
  head.writeUInt16LE(machine, 18)
  return head
}

test.each([
  ['a program for this machine', elf(62), 'x86_64'],
  ['a program for another machine that is one of that kind', elf(183), 'aarch64'],
  ['a script of the operator’s own', '#!/bin/sh\nexec true\n', 'x86_64'],
])('%s is brought', async (_what, content, machine) => {
  expect((await programs(content).for(machine)).bytes).toBe(content.length)
})

test.each([
  ['a list of hosts', '127.0.0.1 localhost\n', 'is no program'],
  ['nothing', '', 'is no program'],
  ['a package', '!<arch>\ndebian-binary', 'is no program'],
  ['a program for another machine', elf(183), 'is a program for another machine than x86_64'],
])('%s is not, since it would be run as root', async (_what, content, words) => {
  await expect(programs(content).for('x86_64')).rejects.toMatchObject({
    code: 'PROGRAM_INVALID',
    message: expect.stringContaining(words),
  })
})
