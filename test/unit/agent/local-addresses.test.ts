import { describe, expect, test } from 'vitest'
import {
  isBindable,
  type LocalAddresses,
  parseFibTrie,
  parseInet6,
  readLocalAddresses,
} from '../../../agent/haproxy/local-addresses.ts'
import { type Files, systemFiles } from '../../../shared/ports/files.ts'

/** Of a host with 10.10.10.11/24 on an interface, 10.10.10.2/32 beside it, and `ip route add local 10.77.0.0/16 dev lo`. */
const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.10.10.0/24 2 0 2
        |-- 10.10.10.0
           /24 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.10.10.2
        /32 host LOCAL
     |-- 10.10.10.11
        /32 host LOCAL
     |-- 10.10.10.255
        /32 link BROADCAST
     |-- 10.77.0.0
        /16 host LOCAL
     +-- 127.0.0.0/31 1 0 0
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
`
/** The last one is still being asked for on the network. */
const inet6 = `00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000005 02 40 00 80     eth0
20010db8000000000000000000000006 02 40 00 c0     eth0
20010db8000000000000000000000007 02 40 00 44     eth0
`
const host: LocalAddresses = {
  ...{ ipv4: parseFibTrie(fibTrie), ipv6: parseInet6(inet6) },
  ...{ anyIPv4: false, anyIPv6: false },
}

test.each([
  ['', true],
  ['*', true],
  ['0.0.0.0', true],
  ['127.0.0.1', true],
  ['127.3.4.5', true],
  ['10.10.10.11', true],
  ['10.10.10.2', true],
  ['10.10.10.255', true],
  ['10.10.10.12', false],
  ['10.77.200.1', true],
  ['10.78.0.1', false],
  ['::', true],
  ['::1', true],
  ['::2', false],
  ['2001:db8::5', true],
  ['2001:db8::6', false],
  ['2001:db8::7', true],
  ['::ffff:10.10.10.11', true],
  ['::ffff:10.10.10.12', false],
  ['db.example.com', true],
])('%s can be listened on: %s', (address, expected) => {
  expect(isBindable(address, host)).toBe(expected)
})

describe('ip_nonlocal_bind', () => {
  test.each([
    ['10.10.10.12', true, false],
    ['::ffff:10.10.10.12', true, false],
    ['2001:db8::6', false, true],
  ])('%s is up to the one of its own family', (address, ofIPv4, ofIPv6) => {
    expect(isBindable(address, { ...host, anyIPv4: true })).toBe(ofIPv4)
    expect(isBindable(address, { ...host, anyIPv6: true })).toBe(ofIPv6)
  })
})

test.each(['::', '::1', '2001:db8::5'])(
  '%s cannot be listened on where the kernel has no IPv6',
  (address) => {
    expect(isBindable(address, { ...host, ipv6: undefined, anyIPv6: true })).toBe(false)
  },
)

/** The disk, with some of what the kernel says replaced. */
function saying(
  texts: Readonly<Record<string, string | undefined>>,
  networks: Readonly<Record<string, string>>,
) {
  const files = systemFiles()
  const said: Files = {
    ...files,
    read: async (path) => (path in texts ? asBuffer(texts[path]) : undefined),
    readLink: async (path) => networks[path] ?? 'net:[1]',
  }
  return said
}

function asBuffer(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text)
}

describe('read from the kernel', () => {
  const sysctls = {
    '/proc/sys/net/ipv4/ip_nonlocal_bind': '1\n',
    '/proc/sys/net/ipv6/ip_nonlocal_bind': '0\n',
  }

  test("the addresses of HAProxy's own process count", async () => {
    const texts = { ...sysctls, '/proc/77/net/fib_trie': fibTrie, '/proc/77/net/if_inet6': inet6 }

    expect(await readLocalAddresses(saying(texts, {}), 77)).toEqual({ ...host, anyIPv4: true })
  })

  test('a kernel without IPv6 has no list of its addresses', async () => {
    const texts = { ...sysctls, '/proc/net/fib_trie': fibTrie }

    expect(await readLocalAddresses(saying(texts, {}), undefined)).toMatchObject({ ipv6: undefined })
  })

  test('of another network than the agent lives in nothing is known', async () => {
    const texts = { ...sysctls, '/proc/77/net/fib_trie': fibTrie }

    expect(await readLocalAddresses(saying(texts, { '/proc/77/ns/net': 'net:[2]' }), 77)).toBeUndefined()
  })

  test('a kernel that says nothing of its addresses is believed to have any', async () => {
    expect(await readLocalAddresses(saying(sysctls, {}), undefined)).toBeUndefined()
  })
})
