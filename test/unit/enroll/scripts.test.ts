import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsScript, parseFacts } from '../../../controller/enroll/facts.ts'
import {
  commandPath,
  configPath,
  controllerUnit,
  nextOf,
  previousOf,
  programPath,
  unitPath,
} from '../../../controller/enroll/paths.ts'
import {
  commandScript,
  putBackScript,
  removeScript,
  switchScript,
  tidyScript,
} from '../../../controller/enroll/scripts.ts'

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

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
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

test('what was before comes back; when a part of it does not, the rest does and the status says so', () => {
  program('systemctl', `echo "$*" >>${folder}/asked`)
  const [first, second] = [join(folder, 'program'), join(folder, 'config')]
  const lay = () => {
    for (const file of [first, second]) {
      writeFileSync(file, 'new')
      writeFileSync(previousOf(file), 'old')
    }
  }
  lay()
  expect(run(putBackScript([first, second]))).toBe(0)
  expect([first, second].map((file) => readFileSync(file, 'utf8'))).toEqual(['old', 'old'])

  lay()
  program('mv', `case "$*" in *config*) exit 1 ;; esac; exec /bin/mv "$@"`)
  expect(run(putBackScript([second, first]))).not.toBe(0)
  expect(readFileSync(first, 'utf8')).toBe('old')
  expect(readFileSync(join(folder, 'asked'), 'utf8').match(/restart/g)).toHaveLength(2)
})

test('nothing is tidied while another program is in place, or the old one runs', () => {
  const file = join(folder, 'agent')
  copyFileSync('/bin/sleep', previousOf(file))
  const old = spawn(previousOf(file), ['60'])
  program('systemctl', `echo ${old.pid}`)
  writeFileSync(file, 'new')
  const tidy = (sha256: string) => run(tidyScript([file], { path: file, sha256 }))
  try {
    expect(tidy('0'.repeat(64))).toBe(1)
    expect(tidy(digest(file))).toBe(1)
    expect(readFileSync(previousOf(file)).length).toBeGreaterThan(0)
    program('systemctl', `echo ${process.pid}`)
    expect(tidy(digest(file))).toBe(0)
    expect(() => readFileSync(previousOf(file))).toThrow('ENOENT')
  } finally {
    old.kill('SIGKILL')
  }
})

const names = ['pgsvc-agent.service', 'haproxy.service.d/pgsvc.conf']
/** What is found in a tree of its own. */
function look() {
  const script = factsScript(names).replaceAll(/\/(?=(opt|etc|usr\/local)\/)/g, `${folder}/`)
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }
  return parseFacts(spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' }).stdout)
}

test.each([programPath, configPath, ...names.map(unitPath)])('a previous %s is found', (path) => {
  expect(look().hasPrevious).toBe(false)
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, previousOf(path)), 'old')
  expect(look().hasPrevious).toBe(true)
})

test('a controller is found by its unit, wherever its configuration is', () => {
  program('systemctl', 'exit 3')
  expect(look().hasController).toBe(false)
  program('systemctl', `[ "$*" = 'is-active --quiet pgsvc-controller.service' ]`)
  expect(look().hasController).toBe(true)
})

test('a controller that is stopped and disabled is found by the unit that somebody wrote for it', () => {
  program('systemctl', 'exit 3')
  const unit = join(folder, unitPath(controllerUnit))
  mkdirSync(dirname(unit), { recursive: true })
  writeFileSync(unit, '[Service]\n')
  expect(look().hasController).toBe(true)
})

/** Runs it in a tree of its own. */
function remove(isPackaged: boolean): void {
  program('systemctl', ':')
  const script = removeScript(names, { isPackaged, hasController: false })
  expect(run(script.replaceAll(/\/(?=(opt|etc|usr\/local|var|run)\/)/g, `${folder}/`))).toBe(0)
}

function lay(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), 'x')
  }
}

const asideOf = (name: string) => `${unitPath(name)}.before-package`

test('what a package has put aside goes with the agent, and so does the directory that it alone kept', () => {
  lay(...names.map(unitPath), ...names.map(asideOf))
  remove(false)
  expect(existsSync(join(folder, unitPath('haproxy.service.d')))).toBe(false)
  expect(readdirSync(dirname(join(folder, unitPath('x'))))).toEqual([])
})

test('a unit beside those of a package is somebody’s own and stays; what was put aside is not', () => {
  lay(configPath, ...names.map(unitPath), ...names.map(asideOf))
  expect(look().traces).toContain(join(folder, asideOf('pgsvc-agent.service')))
  remove(true)
  const left = names.map((name) =>
    [unitPath(name), asideOf(name)].map((path) => existsSync(join(folder, path))),
  )
  expect(left).toEqual([
    [true, false],
    [true, false],
  ])
  expect(existsSync(join(folder, configPath))).toBe(false)
})

test('a link to the program is made where nothing is, found, and taken away', () => {
  const [link, own] = [join(folder, commandPath), join(folder, programPath)]
  mkdirSync(dirname(link), { recursive: true })
  expect(look().command).toBe('')
  expect(run(inTree(commandScript))).toBe(0)
  expect(readlinkSync(link)).toBe(own)
  expect(look()).toMatchObject({ command: own, traces: [link] })
  remove(false)
  expect(look()).toMatchObject({ command: '', traces: [] })
})

test('what somebody else has under the name of the command is found, and stays', () => {
  lay(commandPath)
  expect(look()).toMatchObject({ command: join(folder, commandPath), traces: [] })
  expect(run(inTree(commandScript))).not.toBe(0)
  remove(false)
  expect(readFileSync(join(folder, commandPath), 'utf8')).toBe('x')
})

function inTree(script: string): string {
  return script.replaceAll(/\/(?=(opt|usr\/local)\/)/g, `${folder}/`)
}
