import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type CuttableLink, cuttableLink } from '../support/cuttable-link.ts'
import { createEtcdLab, type EtcdLab, type EtcdMember } from '../support/etcd-lab.ts'
import { startWatch, type TestWatch, type TestWatchOptions } from '../support/etcd-watch.ts'

/** Tokens live this long after their last use. */
const tokenSeconds = 1

const dir = mkdtempSync(join(tmpdir(), 'pgsvc-etcd-tls-'))
const file = (name: string) => join(dir, name)
let lab: EtcdLab
let link: CuttableLink
let watches: TestWatch[] = []

beforeAll(async () => {
  authority('ca')
  authority('stranger')
  issue('server', 'ca', 'IP:127.0.0.1')
  issue('elsewhere', 'ca', 'IP:10.10.10.10')
  issue('client', 'ca', 'DNS:infra')
  issue('forged', 'stranger', 'DNS:infra')
  writeFileSync(file('password'), 'DBUser.pgsvc\n')
  writeFileSync(file('wrong-password'), 'DBUser.other\n')
  lab = await createEtcdLab({
    tls: { ca: file('ca.crt'), cert: file('server.crt'), key: file('server.key') },
    flags: ['--auth-token', 'simple', '--auth-token-ttl', String(tokenSeconds)],
  })
  link = await cuttableLink(memberOf(lab).endpoint)
  await asRoot('put', '/pg/pg-test/leader', 'pg-test-1')
  // As docs/operations.md says.
  await lab.ctl(['user', 'add', 'root', '--new-user-password', 'Etcd.Root'])
  await lab.ctl(['role', 'add', 'pgsvc'])
  await lab.ctl(['role', 'grant-permission', 'pgsvc', '--prefix=true', 'read', '/pg/'])
  await lab.ctl(['user', 'add', 'pgsvc', '--new-user-password', 'DBUser.pgsvc'])
  await lab.ctl(['user', 'grant-role', 'pgsvc', 'pgsvc'])
  // The user of one cluster's Patroni.
  await lab.ctl(['role', 'add', 'pg-test'])
  await lab.ctl(['role', 'grant-permission', 'pg-test', '--prefix=true', 'readwrite', '/pg/pg-test/'])
  await lab.ctl(['user', 'add', 'pg-test', '--new-user-password', 'DBUser.pgsvc'])
  await lab.ctl(['user', 'grant-role', 'pg-test', 'pg-test'])
})

afterAll(async () => {
  await link.close()
  await lab.destroy()
  rmSync(dir, { recursive: true })
})

afterEach(async () => {
  for (const watch of watches) await watch.stop()
  watches = []
  link.mend()
})

function memberOf({ members }: EtcdLab): EtcdMember {
  const [member] = members
  if (!member) throw new Error('an etcd has a member')
  return member
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', [...args], { cwd: dir, stdio: 'ignore' })
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function authority(name: string): void {
  openssl('req', '-x509', ...curve, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`)
}

/** A pair `<name>.crt`, `<name>.key` for one subject alternative name. */
function issue(name: string, ca: string, altName: string): void {
  writeFileSync(file(`${name}.ext`), `subjectAltName=${altName}\n`)
  openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  const signed = ['-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-extfile', `${name}.ext`]
  openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`, '-days', '2')
}

async function asRoot(...args: readonly string[]): Promise<void> {
  await lab.ctl(['--user', 'root:Etcd.Root', ...args])
}

/** With a good certificate and, unless told otherwise, a good user. */
function start(options: TestWatchOptions = {}, endpoint = link.address): TestWatch {
  const files = {
    etcd_ca: file('ca.crt'),
    etcd_cert: file('client.crt'),
    etcd_key: file('client.key'),
    etcd_password_file: file('password'),
    ...options.files,
  }
  const watch = startWatch([endpoint], { user: 'pgsvc', ...options, files })
  watches.push(watch)
  return watch
}

test('a password for an etcd that has no users yet is no obstacle', async () => {
  const watch = start()

  await watch.watching()

  expect(watch.told).toEqual(['pg-test: pg-test-1'])
})

test('with a user that may read the namespace changes are told, also when its token has long expired', async () => {
  await lab.ctl(['auth', 'enable'])
  const watch = start()
  await watch.watching()
  await new Promise((resolve) => setTimeout(resolve, (tokenSeconds + 2) * 1_000))

  await asRoot('put', '/pg/pg-test/leader', 'pg-test-2')
  await watch.hears('pg-test: pg-test-2')
  link.cut()
  await watch.trying()
  await asRoot('put', '/pg/pg-test/leader', 'pg-test-3')
  link.mend()
  await watch.watching()

  expect(watch.told).toEqual(['pg-test: pg-test-1', 'pg-test: pg-test-2', 'pg-test: pg-test-3'])
})

test.each([
  [
    'a wrong password',
    { files: { etcd_password_file: file('wrong-password') } },
    'invalid user ID or password',
  ],
  ['a user that etcd does not know', { user: 'nobody' }, 'invalid user ID or password'],
  ['no user', { user: '', files: { etcd_password_file: '' } }, 'user name is empty'],
  ["the user of one cluster's Patroni", { user: 'pg-test' }, 'permission denied'],
  ['a password file that is not there', { files: { etcd_password_file: '/none' } }, 'ETCD_FILE_UNREADABLE'],
])('with %s it is said why etcd is not watched', async (_what, options, words) => {
  const watch = start(options)

  await watch.trying(words)

  expect(watch.told).toEqual([])
  expect(JSON.stringify(watch.lines)).not.toContain('DBUser')
})

test('one who may read one cluster and names its prefix watches that', async () => {
  const watch = start({ user: 'pg-test', prefix: '/pg/pg-test/' })

  await watch.watching()

  expect(watch.told).toEqual([])
})

test.each([
  ['no certificate', { etcd_cert: '', etcd_key: '' }],
  ['a certificate of another authority', { etcd_cert: file('forged.crt'), etcd_key: file('forged.key') }],
])('with %s etcd lets nobody in', async (_what, files) => {
  const watch = start({ files })

  await watch.trying()

  expect(watch.told).toEqual([])
})

test.each([
  [
    'an authority that is not that of etcd',
    { etcd_ca: file('stranger.crt') },
    'self-signed certificate|unable to verify',
  ],
  [
    'a key of another certificate',
    { etcd_key: file('server.key') },
    'ETCD_FILE_UNREADABLE: .* cannot be used',
  ],
  ['no PEM', { etcd_ca: file('password') }, 'ETCD_FILE_UNREADABLE|unable to'],
])('%s is an error with its reason', async (_what, files, words) => {
  const watch = start({ files })

  await watch.trying()

  expect(watch.lines.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(words))
})

test('whoever has a good certificate for another address is not etcd', async () => {
  const [cert, key] = [readFileSync(file('elsewhere.crt')), readFileSync(file('elsewhere.key'))]
  const impostor = createServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) =>
    socket.on('error', () => {}),
  )
  const endpoint = await new Promise<string>((resolve) => {
    impostor.listen(0, '127.0.0.1', () => {
      const at = impostor.address()
      resolve(`127.0.0.1:${typeof at === 'object' ? at?.port : ''}`)
    })
  })

  const watch = start({}, endpoint)
  await watch.trying()
  await watch.stop()
  impostor.close()

  expect(watch.lines.map(({ reason }) => reason)).toContainEqual(
    expect.stringMatching("IP: 127.0.0.1 is not in the cert's list"),
  )
})

test('files are read again for each connection', async () => {
  writeFileSync(file('changing'), 'DBUser.other')
  const watch = start({ files: { etcd_password_file: file('changing') } })
  await watch.trying('invalid user ID or password')

  writeFileSync(file('changing'), 'DBUser.pgsvc')
  await watch.watching()

  expect(watch.told).toEqual(['pg-test: pg-test-3'])
})
