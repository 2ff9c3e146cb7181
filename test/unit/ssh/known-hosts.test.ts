import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashedName, meansHost } from '../../../controller/ssh/host-pattern.ts'
import {
  fingerprint,
  judge,
  keysOf,
  knownName,
  offeredAlgorithms,
} from '../../../controller/ssh/known-hosts.ts'
import { addKnownHost } from '../../../controller/ssh/known-hosts-store.ts'

let dir: string
/** Public keys made for this run: `<type> <base64>`. */
let mine: string
let other: string
let rsa: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-known-hosts-'))
  const make = (name: string, type: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(dir, name)])
    return readFileSync(join(dir, `${name}.pub`), 'utf8').trim()
  }
  mine = make('mine', 'ed25519')
  other = make('other', 'ed25519')
  rsa = make('rsa', 'rsa')
})
afterAll(() => rmSync(dir, { recursive: true }))

function bytesOf(publicKey: string): Buffer {
  return Buffer.from(publicKey.split(' ')[1] ?? '', 'base64')
}

function verdict(text: string, shown: string, host = { name: '10.10.10.11', port: 22 }) {
  return judge([{ path: 'known_hosts', text }], host, bytesOf(shown))
}

describe('patterns', () => {
  test.each([
    ['10.10.10.11', '10.10.10.11', true],
    ['10.10.10.11', '10.10.10.1', false],
    ['10.10.10.1?', '10.10.10.11', true],
    ['10.10.10.1?', '10.10.10.1', false],
    ['10.10.*', '10.10.10.11', true],
    ['*.example.com', 'db.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*,!10.10.10.11', '10.10.10.11', false],
    ['!10.10.10.12,*', '10.10.10.11', true],
    ['!10.10.10.12', '10.10.10.11', false],
    ['a,b,10.10.10.11', '10.10.10.11', true],
    ['DB.Example.com', 'db.example.com', true],
    ['[10.10.10.11]:2222', '[10.10.10.11]:2222', true],
    ['[10.10.10.11]:2222', '10.10.10.11', false],
    ['[10.10.10.*]:2222', '[10.10.10.11]:2222', true],
    ['10.10.10.11', '[10.10.10.11]:2222', false],
    ['', '10.10.10.11', false],
    ['*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(200), false],
  ])('%s means %s: %s', (field, name, expected) => {
    expect(meansHost(field, name)).toBe(expected)
  })

  test('what ssh-keygen hashed is found, and it finds what is hashed here', () => {
    const file = join(dir, 'hashed')
    writeFileSync(file, `10.10.10.11 ${mine}\n[10.10.10.12]:2222 ${other}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('10.10.10')
    expect(verdict(text, mine).kind).toBe('known')
    expect(verdict(text, other, { name: '10.10.10.12', port: 2222 }).kind).toBe('known')
    expect(verdict(text, mine, { name: '10.10.10.13', port: 22 }).kind).toBe('unknown')

    const own = join(dir, 'own')
    writeFileSync(own, `${hashedName('[10.10.10.11]:2222', Buffer.alloc(20, 7))} ${mine}\n`)
    const found = execFileSync('ssh-keygen', ['-F', '[10.10.10.11]:2222', '-f', own], { encoding: 'utf8' })
    expect(found).toContain(mine)
  })
})

describe('the verdict on a key', () => {
  test.each([
    ['nothing is known', () => '', 'unknown'],
    ['it is known', () => `10.10.10.11 ${mine}`, 'known'],
    ['it is known among others', () => `10.10.10.11 ${rsa}\n10.10.10.11 ${mine} admin@there`, 'known'],
    ['only another one is known', () => `10.10.10.11 ${other}`, 'changed'],
    ['only one of another type is known', () => `10.10.10.11 ${rsa}`, 'changed'],
    ["it is another host's", () => `10.10.10.12 ${mine}`, 'unknown'],
    ['it is revoked', () => `@revoked * ${mine}`, 'revoked'],
    ['it is known and revoked', () => `10.10.10.11 ${mine}\n@revoked 10.10.10.* ${mine}`, 'revoked'],
    ['another one is revoked', () => `10.10.10.11 ${mine}\n@revoked * ${other}`, 'known'],
    ['only an authority is known', () => `@cert-authority *.10.10.11,10.10.* ${other}`, 'authority'],
    ['an authority and the key are known', () => `@cert-authority * ${other}\n10.10.10.11 ${mine}`, 'known'],
    ["the authority's own key is shown", () => `@cert-authority * ${mine}`, 'authority'],
    ['the line is a comment', () => `# 10.10.10.11 ${mine}`, 'unknown'],
    ['the marker is not known', () => `@trusted 10.10.10.11 ${mine}`, 'unknown'],
    ['the type does not fit the key', () => `10.10.10.11 ssh-rsa ${mine.split(' ')[1]}`, 'unknown'],
    ['the line ends in CR', () => `10.10.10.11 ${mine}\r\n`, 'known'],
    ['the line is cut short', () => `10.10.10.11 ${mine.slice(0, 40)}`, 'unknown'],
  ])('%s', (_name, text, expected) => {
    expect(verdict(text(), mine).kind).toBe(expected)
  })

  test('a changed key is told with the place of the old one', () => {
    expect(verdict(`\n# old\n10.10.10.11 ${other}\n`, mine)).toMatchObject({
      kind: 'changed',
      known: [{ file: 'known_hosts', line: 3, type: 'ssh-ed25519' }],
    })
  })

  test('a host on a port of its own may show the key of its plain name, and not another one when the port is known', () => {
    const host = { name: '10.10.10.11', port: 2222 }
    expect(verdict(`10.10.10.11 ${mine}`, mine, host).kind).toBe('known')
    expect(verdict(`10.10.10.11 ${mine}\n[10.10.10.11]:2222 ${other}`, mine, host).kind).toBe('changed')
    expect(verdict(`10.10.10.11 ${other}`, mine, host).kind).toBe('unknown')
  })

  test('a name of HostKeyAlias is looked up without the port', () => {
    expect(knownName({ name: 'Node-A', port: 2222, isAlias: true })).toBe('node-a')
  })
})

test('only key types that are known for the host are offered, never SHA-1', () => {
  const offered = (text: string) =>
    offeredAlgorithms([{ path: 'f', text }], { name: '10.10.10.11', port: 22 })
  expect(offered(`10.10.10.11 ${rsa}`)).toEqual(['rsa-sha2-512', 'rsa-sha2-256'])
  expect(offered(`10.10.10.11 ${mine}`)).toEqual(['ssh-ed25519'])
  expect(offered('')).toContain('ssh-ed25519')
  expect(offered('')).not.toContain('ssh-rsa')
  expect(offered(`@revoked 10.10.10.11 ${rsa}`)).toContain('ssh-ed25519')
})

test('the fingerprint is printed as ssh-keygen prints it', () => {
  const printed = execFileSync('ssh-keygen', ['-lf', join(dir, 'mine.pub')], { encoding: 'utf8' })
  expect(printed).toContain(` ${fingerprint(bytesOf(mine))} `)
})

describe('adding a key', () => {
  test('goes to a line of its own after a last line without an end, and is found by ssh-keygen', async () => {
    const file = join(dir, 'added', 'known_hosts')
    await addKnownHost(file, { name: '10.10.10.11', port: 22 }, bytesOf(mine), false)
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd())
    await addKnownHost(file, { name: '10.10.10.12', port: 2222 }, bytesOf(other), true)
    const text = readFileSync(file, 'utf8')
    expect(text.split('\n')).toHaveLength(3)
    expect(text).not.toContain('10.10.10.12')
    expect(keysOf([{ path: file, text }], '10.10.10.11')).toHaveLength(1)
    expect(
      execFileSync('ssh-keygen', ['-F', '[10.10.10.12]:2222', '-f', file], { encoding: 'utf8' }),
    ).toContain(other)
  })

  test('twenty at once are twenty lines', async () => {
    const file = join(dir, 'many')
    const hosts = Array.from({ length: 20 }, (_, index) => `10.10.10.${index + 1}`)
    await Promise.all(hosts.map((name) => addKnownHost(file, { name, port: 22 }, bytesOf(mine), false)))
    const text = readFileSync(file, 'utf8')
    for (const name of hosts)
      expect(judge([{ path: file, text }], { name, port: 22 }, bytesOf(mine)).kind).toBe('known')
  })
})
