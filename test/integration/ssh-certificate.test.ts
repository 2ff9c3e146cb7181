/** Hosts known by `@cert-authority`: each case is put to ssh itself and to ours, with the same sshd and known_hosts. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../controller/ssh/connect.ts'
import { type Exec, systemExec } from '../../shared/ports/exec.ts'
import { makeKey, startSshServer } from '../support/ssh-server.ts'

const port = 2211
let dir: string
let userKey: string
/** Public keys by name: authorities and host keys. */
const publicKeys: Record<string, string> = {}
const keyTypes = { ca: 'ed25519', otherCa: 'ed25519', rsaCa: 'rsa', ecdsaCa: 'ecdsa', host: 'ed25519' }

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-ssh-cert-'))
  userKey = makeKey(join(dir, 'user'))
  for (const [name, type] of Object.entries(keyTypes)) publicKeys[name] = makeKey(join(dir, name), { type })
  publicKeys.hostRsa = makeKey(join(dir, 'hostRsa'), { type: 'rsa' })
  publicKeys.hostEcdsa = makeKey(join(dir, 'hostEcdsa'), { type: 'ecdsa' })
  for (const bits of ['384', '521']) {
    const file = join(dir, `ecdsa${bits}Ca`)
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', bits, '-N', '', '-C', '', '-f', file])
    publicKeys[`ecdsa${bits}Ca`] = readFileSync(`${file}.pub`, 'utf8').trim()
  }
})
afterAll(() => rmSync(dir, { recursive: true }))

interface Case {
  readonly known: string
  readonly ca?: string
  readonly key?: string
  /** Of ssh-keygen -s. */
  readonly sign?: readonly string[]
  /** Further lines of ssh_config. */
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly exec?: Exec
  readonly nowMs?: number
  /** Lines of RevokedHostKeys, or what a KRL is made of (ssh-keygen -k). */
  readonly revoked?: string
  readonly krl?: readonly string[]
}

/** A certificate of a host key; the file is `<key>-cert.pub`. */
function certify({ ca = 'ca', key = 'host', sign = ['-h', '-n', '127.0.0.1'] }: Partial<Case>): void {
  rmSync(join(dir, `${key}-cert.pub`), { force: true })
  execFileSync('ssh-keygen', ['-q', '-s', join(dir, ca), '-I', 'node', ...sign, join(dir, `${key}.pub`)])
}

/** Names of keys in braces become the keys. */
function filled(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => publicKeys[name] ?? whole)
}

function sshArguments(one: Case): readonly string[] {
  const known = join(dir, 'known_hosts')
  writeFileSync(known, `${filled(one.known)}\n`)
  const revoked = join(dir, 'revoked')
  rmSync(revoked, { force: true })
  if (one.revoked !== undefined) writeFileSync(revoked, filled(one.revoked))
  writeFileSync(join(dir, 'spec'), 'serial: 5\n')
  if (one.krl) execFileSync('ssh-keygen', ['-q', '-k', '-f', revoked, ...one.krl], { cwd: dir })
  const identity = `IdentityFile ${join(dir, 'user')}\nIdentitiesOnly yes\n`
  const files = `UserKnownHostsFile ${known}\nGlobalKnownHostsFile none\nUser root\n`
  writeFileSync(join(dir, 'config'), `${(one.config ?? '').replace('{dir}', dir)}Host *\n${identity}${files}`)
  return ['-F', join(dir, 'config'), '-p', `${one.port ?? port}`]
}

/** What ssh makes of it: `in` or `refused`. */
function withSsh(one: Case): string {
  const host = one.host ?? '127.0.0.1'
  const args = [...sshArguments(one), '-o', 'BatchMode=yes', '--', host, 'true']
  const { status, stderr } = spawnSync('ssh', args, { encoding: 'utf8', timeout: 60_000 })
  if (status !== 0 && !/Host key verification failed|revoked|Error checking host key/.test(stderr))
    throw new Error(stderr)
  return status === 0 ? 'in' : 'refused'
}

/** What ours makes of it: `in`, or the code and message of the refusal. */
async function withOurs(one: Case): Promise<string> {
  const host = one.host ?? '127.0.0.1'
  const args = sshArguments(one)
  const access = {
    node: host,
    host,
    sshArguments: args,
    password: undefined,
    become: { password: undefined },
  }
  const now = () => one.nowMs ?? Date.now()
  const ports = {
    exec: one.exec ?? systemExec(),
    env: {},
    acceptNew: async () => false,
    tookNew: () => undefined,
    now,
  }
  return await connect(ports, access, new AbortController().signal).then(
    (session) => {
      session.close()
      return 'in'
    },
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  )
}

async function withServer<T>(one: Case, work: () => Promise<T>): Promise<T> {
  const key = join(dir, one.key ?? 'host')
  const config = `HostKey ${key}\nHostCertificate ${key}-cert.pub`
  const server = await startSshServer({ port: one.port ?? port, types: [], authorized: [userKey], config })
  try {
    return await work()
  } finally {
    await server.stop()
  }
}

async function bothWays(one: Case) {
  certify(one)
  return await withServer(one, async () => ({ ssh: withSsh(one), ours: await withOurs(one) }))
}

const name = `[127.0.0.1]:${port}`
const trusted = `@cert-authority ${name} {ca}`

const accepted: readonly [string, Case][] = [
  ['its authority stands under the port', { known: trusted }],
  ['its authority stands under the plain name', { known: '@cert-authority 127.0.0.1 {ca}' }],
  ['a pattern means it', { known: `@cert-authority !10.*,[127.0.0.*]:* {ca}` }],
  ['it listens on port 22', { known: '@cert-authority 127.* {ca}', port: 22 }],
  ['one of two authorities signed it', { known: `@cert-authority * {otherCa}\n${trusted}` }],
  ['the authority has an RSA key', { known: `@cert-authority ${name} {rsaCa}`, ca: 'rsaCa' }],
  [
    'the authority signs with RSA and SHA-256',
    {
      known: `@cert-authority ${name} {rsaCa}`,
      ca: 'rsaCa',
      sign: ['-h', '-t', 'rsa-sha2-256', '-n', '127.0.0.1'],
    },
  ],
  ['the authority has a key on P-256', { known: `@cert-authority ${name} {ecdsaCa}`, ca: 'ecdsaCa' }],
  ['the authority has a key on P-384', { known: `@cert-authority ${name} {ecdsa384Ca}`, ca: 'ecdsa384Ca' }],
  ['the authority has a key on P-521', { known: `@cert-authority ${name} {ecdsa521Ca}`, ca: 'ecdsa521Ca' }],
  ['an RSA key is certified', { known: trusted, key: 'hostRsa' }],
  ['an ECDSA key is certified', { known: trusted, key: 'hostEcdsa' }],
  ['several names are certified', { known: trusted, sign: ['-h', '-n', 'a,127.0.0.1,b'] }],
  ['it is valid now', { known: trusted, sign: ['-h', '-n', '127.0.0.1', '-V', '-1d:+1d'] }],
  [
    'another authority and its key are revoked',
    { known: `${trusted}\n@revoked * {otherCa}\n@revoked * {hostRsa}` },
  ],
  ['another key is known too, as after a change of keys', { known: `${name} {hostRsa}\n${trusted}` }],
  [
    'HostKeyAlias is certified, whatever its case',
    {
      known: '@cert-authority node-11 {ca}',
      sign: ['-h', '-n', 'node-11'],
      config: 'HostKeyAlias Node-11\n',
    },
  ],
  ['HostName is certified', { known: trusted, host: 'nick', config: 'Host nick\nHostName 127.0.0.1\n' }],
  [
    'RevokedHostKeys lists other keys',
    {
      known: trusted,
      revoked: '# none of these\n{otherCa}\n{hostRsa}\n',
      config: 'RevokedHostKeys {dir}/revoked\n',
    },
  ],
  [
    'a revocation list has other keys and numbers',
    {
      known: trusted,
      krl: ['-s', 'ca.pub', 'spec', 'otherCa.pub'],
      sign: ['-h', '-n', '127.0.0.1', '-z', '6'],
      config: 'RevokedHostKeys {dir}/revoked\n',
    },
  ],
  [
    'its own key stands under HostName',
    { known: `${name} {host}`, host: 'nick', config: 'Host nick\nHostName 127.0.0.1\n' },
  ],
  [
    'the certificate does not do, and the key is known',
    { known: `${trusted}\n${name} {host}`, sign: ['-h', '-n', 'a'] },
  ],
]

const refused: readonly (readonly [string, Case, RegExp])[] = [
  [
    'it is made out to another host',
    { known: trusted, sign: ['-h', '-n', '127.0.0.2'] },
    /made out to 127\.0\.0\.2/,
  ],
  ['it is made out to a pattern', { known: trusted, sign: ['-h', '-n', '127.*'] }, /made out to 127\.\*/],
  [
    'it has expired',
    { known: trusted, sign: ['-h', '-n', '127.0.0.1', '-V', '20200101:20210101'] },
    /has expired at 2021/,
  ],
  [
    'it is not valid yet',
    { known: trusted, sign: ['-h', '-n', '127.0.0.1', '-V', '20990101:21000101'] },
    /is valid from (2098|2099)/,
  ],
  ['another authority signed it', { known: trusted, ca: 'otherCa' }, /another authority signed it/],
  [
    'its authority stands for other hosts',
    { known: `@cert-authority 10.* {ca}\n@cert-authority ${name} {otherCa}` },
    /another authority/,
  ],
  [
    'a negation leaves it out',
    { known: `@cert-authority *,!127.0.0.1,!${name} {ca}\n@cert-authority ${name} {otherCa}` },
    /another authority/,
  ],
  ['its authority is revoked', { known: `${trusted}\n@revoked * {ca}` }, /^HOST_KEY_REVOKED/],
  ['its key is revoked', { known: `${trusted}\n@revoked * {host}` }, /^HOST_KEY_REVOKED/],
  [
    'its authority is revoked, though the key is known',
    { known: `${trusted}\n@revoked * {ca}\n${name} {host}` },
    /^HOST_KEY_REVOKED/,
  ],
  ['it is that of a user', { known: trusted, sign: ['-n', '127.0.0.1'] }, /not that of a host/],
  [
    'it has a critical option',
    { known: trusted, sign: ['-h', '-n', '127.0.0.1', '-O', 'critical:no-such@example.com'] },
    /critical options/,
  ],
  [
    'the authority signs with SHA-1',
    {
      known: `@cert-authority ${name} {rsaCa}`,
      ca: 'rsaCa',
      sign: ['-h', '-t', 'ssh-rsa', '-n', '127.0.0.1'],
    },
    /signature is wrong, or not of a kind understood/,
  ],
  [
    'only HostName is certified where HostKeyAlias counts',
    { known: '@cert-authority node-11 {ca}', config: 'HostKeyAlias node-11\n' },
    /not to node-11/,
  ],
  [
    'the name that was asked for is certified, and HostName counts',
    {
      known: `@cert-authority * {ca}`,
      host: 'nick',
      sign: ['-h', '-n', 'nick'],
      config: 'Host nick\nHostName 127.0.0.1\n',
    },
    /made out to nick, not to 127\.0\.0\.1/,
  ],
  ...(
    [
      ['RevokedHostKeys lists its key', trusted, { revoked: '{host} admin@there\n' }],
      ['RevokedHostKeys lists its authority', trusted, { revoked: '{ca}\n' }],
      ['RevokedHostKeys lists its key, which is known', `${name} {host}`, { revoked: '{host}\n' }],
      ['RevokedHostKeys is not there', trusted, {}],
      ['a revocation list has its key', trusted, { krl: ['host.pub'] }],
      ['a revocation list has its authority', trusted, { krl: ['ca.pub'] }],
      [
        'a revocation list has its number',
        trusted,
        { krl: ['-s', 'ca.pub', 'spec'], sign: ['-h', '-n', '127.0.0.1', '-z', '5'] },
      ],
    ] as const
  ).map(
    ([label, known, more]) =>
      [label, { known, config: 'RevokedHostKeys {dir}/revoked\n', ...more }, /^HOST_KEY_REVOKED/] as const,
  ),
  [
    'its own key stands under the name that was asked for, and HostName counts',
    { known: `[nick]:${port} {host}`, host: 'nick', config: 'Host nick\nHostName 127.0.0.1\n' },
    /^HOST_KEY_UNKNOWN: \[127\.0\.0\.1\]/,
  ],
]

describe('ssh and ours let a host in when', () => {
  test.each(accepted)('%s', async (_name, one) => {
    expect(await bothWays(one)).toEqual({ ssh: 'in', ours: 'in' })
  })
})

describe('ssh and ours refuse a host when', () => {
  test.each(refused)('%s', async (_name, one, words) => {
    expect(await bothWays(one)).toEqual({ ssh: 'refused', ours: expect.stringMatching(words) })
  })

  test('it shows no certificate', async () => {
    const server = await startSshServer({ port, authorized: [userKey] })
    try {
      expect(withSsh({ known: trusted })).toBe('refused')
      const ours = await withOurs({ known: trusted })
      expect(ours).toMatch(/^HOST_KEY_AUTHORITY: .*known_hosts:1\), and it shows no certificate/)
    } finally {
      await server.stop()
    }
  })
})

describe('of the certificate that is fetched beforehand', () => {
  test('nothing is believed of a host that does not hold the certified key', async () => {
    certify({})
    copyFileSync(join(dir, 'host-cert.pub'), join(dir, 'genuine'))
    const real = systemExec()
    const replay: Exec = {
      run: async (file, args, options) =>
        file === 'ssh-keyscan'
          ? { status: 0, stdout: readFileSync(join(dir, 'genuine'), 'utf8'), stderr: '' }
          : await real.run(file, args, options),
    }
    const impostor = await startSshServer({ port, authorized: [userKey] })
    try {
      const ours = await withOurs({ known: trusted, exec: replay })
      expect(ours).toMatch(/^HOST_KEY_AUTHORITY: .*its key is not the one that is certified/)
    } finally {
      await impostor.stop()
    }
  })

  test('the time is that of the clock passed in', async () => {
    const one: Case = { known: trusted, sign: ['-h', '-n', '127.0.0.1', '-V', '20200101:20210101'] }
    certify(one)
    await withServer(one, async () => {
      expect(await withOurs({ ...one, nowMs: Date.UTC(2020, 5) })).toBe('in')
      expect(await withOurs({ ...one, nowMs: Date.UTC(2019, 5) })).toMatch(/is valid from/)
    })
  })

  test('one that is made out to nobody is refused, which ssh before 10 took for any host', async () => {
    const one: Case = { known: trusted, sign: ['-h'] }
    certify(one)
    expect(await withServer(one, () => withOurs(one))).toMatch(/made out to no host/)
  })

  test('through a jump host it cannot be fetched, which is said', async () => {
    const jump = await startSshServer({ port: 2212, authorized: [userKey] })
    certify({})
    const known = `${trusted}\n[127.0.0.1]:2212 ${jump.hostKeys.ed25519}`
    const config = `Match originalhost 127.0.0.1 exec "test %p = ${port}"\nProxyJump root@127.0.0.1:2212\n`
    try {
      const ours = await withServer({ known }, () => withOurs({ known, config }))
      expect(ours).toMatch(/^HOST_KEY_AUTHORITY: .*cannot be fetched through a jump host/)
      const both = `${known}\n${name} {host}`
      expect(await withServer({ known }, () => withOurs({ known: both, config }))).toBe('in')
    } finally {
      await jump.stop()
    }
  })
})
