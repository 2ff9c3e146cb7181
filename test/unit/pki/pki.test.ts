import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pkiCommand } from '../../../controller/cli/pki-command.ts'
import { processTerminal, type Terminal } from '../../../controller/cli/terminal.ts'
import { initAuthority, issueCertificate } from '../../../controller/pki/pki.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pgsvc-pki-'))
})

afterEach(() => rmSync(root, { recursive: true }))

const load = (path: string) => new X509Certificate(readFileSync(path))

test('an authority is valid for ten years and its key is for its owner alone', async () => {
  const { cert, key } = initAuthority(join(root, 'pki'), Date.now())

  const authority = load(cert)
  expect(authority.ca).toBe(true)
  expect(new Date(authority.validTo).getFullYear() - new Date(authority.validFrom).getFullYear()).toBe(10)
  expect(authority.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
  expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(root, 'pki')).sort()).toEqual(['ca.crt', 'ca.key'])
})

test('an authority is never overwritten', () => {
  const { key } = initAuthority(root, Date.now())
  const before = readFileSync(key, 'utf8')

  expect(() => initAuthority(root, Date.now())).toThrow(expect.objectContaining({ code: 'PKI_EXISTS' }))

  expect(readFileSync(key, 'utf8')).toBe(before)
})

test.each([
  [
    { kind: 'node', name: '10.10.10.11' } as const,
    'node-10.10.10.11',
    'URI:pgsvc://node/10.10.10.11',
    '1.3.6.1.5.5.7.3.2',
  ],
  [
    { kind: 'node', name: 'fd00::11' } as const,
    'node-fd00::11',
    'URI:pgsvc://node/fd00::11',
    '1.3.6.1.5.5.7.3.2',
  ],
  [
    { kind: 'operator', name: 'ann', role: 'publish' } as const,
    'operator-ann',
    'URI:pgsvc://operator/ann, URI:pgsvc://role/publish',
    '1.3.6.1.5.5.7.3.2',
  ],
  [
    { kind: 'controller' } as const,
    'controller',
    'URI:pgsvc://controller, DNS:pgsvc-controller',
    '1.3.6.1.5.5.7.3.1',
  ],
])('a certificate for %j carries its identity and its use', async (subject, base, names, use) => {
  const authority = initAuthority(root, Date.now())

  const { cert, key } = issueCertificate(subject, {
    dir: root,
    out: join(root, 'out'),
    days: 30,
    nowMs: Date.now(),
  })

  const issued = load(cert)
  expect([cert, key]).toEqual([join(root, 'out', `${base}.crt`), join(root, 'out', `${base}.key`)])
  expect(issued.subjectAltName).toBe(names)
  expect(issued.keyUsage).toEqual([use])
  expect(issued.ca).toBe(false)
  expect(issued.verify(load(authority.cert).publicKey)).toBe(true)
  expect(statSync(key).mode & 0o777).toBe(0o600)
})

test.each(['', '../etc', 'a b', 'a,URI:pgsvc://node/b', 'a\n[ext]', '-a'])(
  'the name %j is refused',
  async (name) => {
    initAuthority(root, Date.now())

    const issue = () =>
      issueCertificate({ kind: 'node', name }, { dir: root, out: root, days: 1, nowMs: Date.now() })

    expect(issue).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
  },
)

test('the certificate of the authority comes along, and never over another one', async () => {
  const authority = initAuthority(root, Date.now())
  const [fresh, taken] = [join(root, 'fresh'), join(root, 'taken')]
  mkdirSync(taken)
  writeFileSync(join(taken, 'ca.crt'), 'two of them')
  const issue = (out: string) =>
    issueCertificate({ kind: 'controller' }, { dir: root, out, days: 1, nowMs: Date.now() })

  expect([issue(fresh).ca, issue(taken).ca]).toEqual([join(fresh, 'ca.crt'), undefined])
  expect(readFileSync(join(fresh, 'ca.crt'), 'utf8')).toBe(readFileSync(authority.cert, 'utf8'))
  expect(readFileSync(join(taken, 'ca.crt'), 'utf8')).toBe('two of them')
})

test('a pair that exists is not overwritten', async () => {
  initAuthority(root, Date.now())
  issueCertificate({ kind: 'controller' }, { dir: root, out: root, days: 1, nowMs: Date.now() })

  const again = () =>
    issueCertificate({ kind: 'controller' }, { dir: root, out: root, days: 1, nowMs: Date.now() })

  expect(again).toThrow(expect.objectContaining({ code: 'PKI_EXISTS' }))
})

test.each(['/dev/null/there', '/proc/there'])('where nothing can be written it is said: %s', (out) => {
  initAuthority(root, Date.now())
  const issue = () => issueCertificate({ kind: 'controller' }, { dir: root, out, days: 1, nowMs: Date.now() })

  expect(issue).toThrow(expect.objectContaining({ code: 'PKI_UNWRITABLE' }))
})

test('without an authority nothing is issued, and how to make one is said', async () => {
  const issue = () =>
    issueCertificate({ kind: 'controller' }, { dir: root, out: root, days: 1, nowMs: Date.now() })

  expect(issue).toThrow(
    expect.objectContaining({
      code: 'PKI_MISSING',
      hint: expect.stringContaining('make one: pgsvc pki init'),
    }),
  )
})

function terminal(stdout: (text: string) => void): Terminal {
  return { ...processTerminal({ stdout, stderr: () => undefined, setExitCode: () => undefined }), env: {} }
}

test('the command issues what is asked for and says where', async () => {
  const out: string[] = []
  const run = (...args: readonly string[]) =>
    pkiCommand(terminal((text) => void out.push(text))).parseAsync([...args, '--dir', root], { from: 'user' })

  await run('init')
  await run('issue', 'node', 'n1', '--days', '7')
  await run('issue', 'operator', 'ann', '--role', 'administer')

  expect(out.join('')).toContain(join(root, 'node-n1.crt'))
  const days = (Date.parse(load(join(root, 'node-n1.crt')).validTo) - Date.now()) / 86_400_000
  expect(Math.round(days)).toBe(7)
  expect(load(join(root, 'operator-ann.crt')).subjectAltName).toContain('URI:pgsvc://role/administer')
})

test.each([[['issue', 'node']], [['issue', 'controller', 'x']]])('the command refuses %j', async (args) => {
  const run = pkiCommand(terminal(() => undefined)).parseAsync([...args, '--dir', root], { from: 'user' })

  await expect(run).rejects.toMatchObject({ code: 'USAGE' })
})
