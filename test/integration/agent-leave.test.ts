/** `pgsvc agent leave` on a real disk: conf.d becomes a directory again, by whatever program the host has for it. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leave } from '../../agent/leave.ts'
import { agentOptions } from '../../agent/options.ts'
import { resolveConfig } from '../../shared/config/options.ts'
import { type Exec, systemExec } from '../../shared/ports/exec.ts'
import { systemFiles } from '../../shared/ports/files.ts'

let home: string
const exec = systemExec()

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgsvc-leave-'))
  const generation = join(home, 'pgsvc/g3')
  mkdirSync(generation, { recursive: true })
  mkdirSync(join(home, 'state/blobs'), { recursive: true })
  writeFileSync(join(home, 'haproxy.cfg'), 'global\n')
  writeFileSync(join(generation, 'pg-test-primary.cfg'), 'listen pg-test-primary\n')
  writeFileSync(join(generation, 'other.cfg'), 'listen other\n', { mode: 0o640 })
  symlinkSync('pgsvc/g3', join(home, 'conf.d'))
})
afterEach(() => rmSync(home, { recursive: true }))

function config() {
  const path = (name: string) => join(home, name)
  const flags = {
    ...{ node: 'n', haproxyConfig: path('haproxy.cfg'), serviceDir: path('conf.d'), layout: 'conf.d' },
    ...{ stateDir: path('state'), haproxyPidfile: path('none'), notifySocket: path('notify.sock') },
    ...{ tlsCa: path('ca.crt'), tlsCert: path('agent.crt'), tlsKey: path('agent.key') },
  }
  return resolveConfig(agentOptions, { flags, env: {} })
}

/** Only this program is there. */
function only(program: string): Exec {
  const missing = () => Promise.reject(Object.assign(new Error('missing'), { code: 'ENOENT' }))
  return { run: (file, ...rest) => (file === program ? exec.run(file, ...rest) : missing()) }
}

function serviceDir() {
  const dir = join(home, 'conf.d')
  const names = readdirSync(dir).sort()
  return {
    isDirectory: lstatSync(dir).isDirectory(),
    texts: names.map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  }
}

const texts = [
  ['other.cfg', 'listen other\n'],
  ['pg-test-primary.cfg', 'listen pg-test-primary\n'],
]

test.each([
  ['perl', 'exchanged'],
  ['python3', 'exchanged'],
  ['nothing that can', 'renamed'],
])(
  'with %s the link is %s for a directory with the same files, and nothing of ours is left',
  async (program, how) => {
    const left = await leave({ files: systemFiles(), exec: only(program) }, config(), [])
    expect(left.how).toBe(how)
    expect(serviceDir()).toEqual({ isDirectory: true, texts })
    expect(lstatSync(join(home, 'conf.d/other.cfg')).mode & 0o777).toBe(0o640)
    expect(readdirSync(home).sort()).toEqual(['conf.d', 'haproxy.cfg'])
  },
)

test('what somebody writes through the link in the last moment is not lost', async () => {
  const hurried: Exec = {
    async run(file, ...rest) {
      if (file === 'perl') {
        writeFileSync(join(home, 'conf.d/late.cfg'), 'listen late\n')
        writeFileSync(join(home, 'conf.d/other.cfg'), 'listen changed\n')
        rmSync(join(home, 'conf.d/pg-test-primary.cfg'))
      }
      return await exec.run(file, ...rest)
    },
  }
  await leave({ files: systemFiles(), exec: hurried }, config(), [])
  expect(serviceDir()).toEqual({
    isDirectory: true,
    texts: [
      ['late.cfg', 'listen late\n'],
      ['other.cfg', 'listen changed\n'],
    ],
  })
})

test('a directory, and a link that is not ours, stay as they are', async () => {
  rmSync(join(home, 'conf.d'))
  mkdirSync(join(home, 'elsewhere'))
  symlinkSync('elsewhere', join(home, 'conf.d'))
  expect((await leave({ files: systemFiles(), exec }, config(), [])).how).toBe('plain')
  expect(lstatSync(join(home, 'conf.d')).isSymbolicLink()).toBe(true)
})

test('what somebody else on the host needs stays, and leaving twice is leaving once', async () => {
  for (const name of ['ca.crt', 'agent.crt', 'agent.key', 'agent.key.new'])
    writeFileSync(join(home, name), name)
  const keep = [join(home, 'ca.crt')]
  await leave({ files: systemFiles(), exec }, config(), keep, home)
  const again = await leave({ files: systemFiles(), exec }, config(), keep, home)
  expect(again).toMatchObject({ how: 'plain', removed: [] })
  expect(readdirSync(home).sort()).toEqual(['ca.crt', 'conf.d', 'haproxy.cfg'])
})

test('what is not an agent’s stays: another’s authorities, and what lies beside its memory', async () => {
  const elsewhere = join(home, 'pki')
  mkdirSync(elsewhere)
  writeFileSync(join(elsewhere, 'ca.crt'), 'Pigsty’s')
  mkdirSync(join(home, 'state/controller'), { recursive: true })
  writeFileSync(join(home, 'state/controller/pgsvc.db'), 'everything')
  const paths = { ...config(), tls_ca: join(elsewhere, 'ca.crt') }

  const { removed } = await leave({ files: systemFiles(), exec }, paths, [], join(home, 'etc'))

  expect(readdirSync(elsewhere)).toEqual(['ca.crt'])
  expect(readdirSync(join(home, 'state'))).toEqual(['controller'])
  expect(removed).toContain(join(home, 'state/blobs'))
})

test('a certificate and a key that lie elsewhere are left, as an authority is', async () => {
  const own = join(home, 'etc')
  mkdirSync(own)
  const names = ['agent.crt', 'agent.key', 'ca.crt']
  for (const name of names) writeFileSync(join(home, name), 'theirs')
  await leave({ files: systemFiles(), exec }, config(), [], own)
  for (const name of names) expect(readFileSync(join(home, name), 'utf8')).toBe('theirs')
  await leave({ files: systemFiles(), exec }, config(), [], home)
  expect(readdirSync(home).filter((name) => names.includes(name))).toEqual([])
})
