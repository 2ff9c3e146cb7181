/** What purging a package takes along of an enrolment that it had taken over. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { beforePackageOf, unitPath } from '../../../controller/enroll/paths.ts'

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

function purge(): void {
  const script = `${actions}\npurged`.replaceAll(/\/(?=(etc|var|run)\/)/g, `${folder}/`)
  expect(spawnSync('/bin/sh', ['-ec', script], { encoding: 'utf8' }).status).toBe(0)
}

test('what it has put aside goes, and the directory that nothing else needs', () => {
  for (const path of aside) lay(path)
  purge()
  expect(aside.filter((path) => existsSync(join(folder, path)))).toEqual([])
  expect(existsSync(join(folder, unitPath('haproxy.service.d')))).toBe(false)
})

test('beside an agent that is enrolled nothing is taken away', () => {
  for (const path of [...aside, unitPath('pgsvc-agent.service')]) lay(path)
  purge()
  expect(aside.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})
