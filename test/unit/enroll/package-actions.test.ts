/** What a package takes over of an enrolment, and what purging it takes along. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beforePackageOf, programPath, unitPath } from '../../../controller/enroll/paths.ts'

const actions = readFileSync(join(import.meta.dirname, '../../../packaging/scripts/actions.sh'), 'utf8')
const aside = ['pgsvc-recover.service', 'haproxy.service.d/pgsvc.conf'].map((name) =>
  beforePackageOf(unitPath(name)),
)
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-actions-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function lay(path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), 'x')
}

function act(action: string): void {
  const script = `${actions}\n${action}`.replaceAll(/\/(?=(etc|var|run|opt)\/)/g, `${folder}/`)
  expect(spawnSync('/bin/sh', ['-ec', script], { encoding: 'utf8' }).status).toBe(0)
}

test('what it has put aside goes, and the directory that nothing else needs', () => {
  for (const path of aside) lay(path)
  act('purged')
  expect(aside.filter((path) => existsSync(join(folder, path)))).toEqual([])
  expect(existsSync(join(folder, unitPath('haproxy.service.d')))).toBe(false)
})

test('beside an agent that is enrolled nothing is taken away', () => {
  for (const path of [...aside, unitPath('pgsvc-agent.service'), programPath]) lay(path)
  act('purged')
  expect(aside.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})

test('a unit that was edited and has no program, or that is masked, is no agent: its key goes', () => {
  const unit = unitPath('pgsvc-agent.service')
  for (const path of [unit, '/etc/pgsvc/agent.key']) lay(path)
  act('purged')
  expect(existsSync(join(folder, '/etc/pgsvc'))).toBe(false)

  for (const path of ['/etc/pgsvc/agent.key', programPath]) lay(path)
  rmSync(join(folder, unit))
  symlinkSync('/dev/null', join(folder, unit))
  act('purged')
  expect(existsSync(join(folder, '/etc/pgsvc'))).toBe(false)
})

test('what is put aside never takes the place of what was, and all of it goes with a purge', () => {
  const unit = unitPath('pgsvc-recover.service')
  for (const text of ['one', 'two', 'three']) {
    lay(unit)
    writeFileSync(join(folder, unit), text)
    act('take_over first')
  }
  const kept = ['', '.1', '.2'].map((end) => join(folder, `${beforePackageOf(unit)}${end}`))
  expect(kept.map((file) => readFileSync(file, 'utf8'))).toEqual(['one', 'two', 'three'])
  expect(existsSync(join(folder, unit))).toBe(false)
  act('purged')
  expect(kept.filter((file) => existsSync(file))).toEqual([])
})

test.each([
  ['install', '', 'first'],
  ['install', '0.1.0', 'first'],
  ['upgrade', '0.1.0', 'again'],
])('after %s over version "%s" the package takes over as the one that comes %s', (how, before, word) => {
  mkdirSync(join(folder, 'run'))
  // As dpkg calls it: unpacked, and then configured with the version before, also of one that was removed.
  act(`installed() { echo "$1" >/run/said; }\nunpacking ${how}\nconfigured '${before}'`)
  expect(readFileSync(join(folder, 'run/said'), 'utf8')).toBe(`${word}\n`)
  expect(existsSync(join(folder, 'run/pgsvc-fresh'))).toBe(false)
})
