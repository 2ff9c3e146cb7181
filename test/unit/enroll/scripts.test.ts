import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nextOf, previousOf } from '../../../controller/enroll/paths.ts'
import { switchScript } from '../../../controller/enroll/scripts.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-scripts-'))
  mkdirSync(join(folder, 'bin'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Puts a program first on the path of the scripts. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'bin', name), 0o755)
}

function run(script: string) {
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }
  const { status } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' })
  return status
}

test('a switch keeps what was there, and asks systemd last', () => {
  program('systemctl', `echo "$*" >>${folder}/asked`)
  const file = join(folder, 'program')
  writeFileSync(file, 'old')
  writeFileSync(nextOf(file), 'new')

  expect(run(switchScript([file], true))).toBe(0)

  expect([readFileSync(file, 'utf8'), readFileSync(previousOf(file), 'utf8')]).toEqual(['new', 'old'])
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain('restart')
})

test('one that cannot keep what was there fails, and starts nothing', () => {
  program('systemctl', `echo "$*" >>${folder}/asked`)
  program('ln', 'exit 1')
  const file = join(folder, 'program')
  writeFileSync(file, 'old')
  writeFileSync(nextOf(file), 'new')

  expect(run(switchScript([file], true))).not.toBe(0)

  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(() => readFileSync(join(folder, 'asked'))).toThrow('ENOENT')
})
