import { expect, test } from 'vitest'
import { parseBinds } from '../../../agent/haproxy/binds.ts'
import { collide, parseListening } from '../../../agent/haproxy/ports-in-use.ts'

test('reads what a file binds', () => {
  const text =
    'listen a\n  bind *:5433\n  bind 10.0.0.1:80,[::1]:81 transparent\n  bind :90-92 v6only\n  bind /run/x\n'
  const [plain, transparent, v6only] = [
    { transparent: false, v6only: false },
    { transparent: true, v6only: false },
    { transparent: false, v6only: true },
  ]

  expect(parseBinds(text)).toEqual([
    { address: '*', port: 5433, line: 2, ...plain },
    { address: '10.0.0.1', port: 80, line: 3, ...transparent },
    { address: '::1', port: 81, line: 3, ...transparent },
    { address: '', port: 90, line: 4, ...v6only },
    { address: '', port: 91, line: 4, ...v6only },
    { address: '', port: 92, line: 4, ...v6only },
  ])
})

test('what is disabled, elsewhere or no TCP is not listened on', () => {
  const text =
    'listen a\n  bind *:1\n  disabled\nlisten b\n  disabled\n  bind *:2\n  enabled\nfrontend c\n' +
    '  bind *:3 namespace blue\n  bind quic4@*:4 ssl crt x\n  bind "$IP:5"\n  bind abns@x,ipv4@:6\n'

  expect(parseBinds(text).map(({ address, port }) => [address, port])).toEqual([
    ['*', 2],
    ['', 6],
  ])
})

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26077 1 0 100 0 0 10 0
   1: 0100007F:1538 0100007F:8AD2 01 00000000:00000000 00:00000000 00000000     0        0 26080 1 0 20 4 30 10 -1
`

test('only listening sockets count', () => {
  expect(parseListening(table)).toEqual([{ address: '0100007F', port: 5432, inode: '26077' }])
})

test.each([
  ['127.0.0.1', '0100007F', true],
  ['127.0.0.2', '0100007F', false],
  ['*', '0100007F', true],
  ['127.0.0.2', '00000000', true],
  ['10.0.0.1', '00000000000000000000000000000000', true],
  ['::1', '00000000000000000000000001000000', true],
  ['::1', '00000000000000000000000002000000', false],
  ['fe80::12:34', '000080FE000000000000000034001200', true],
  ['2001:db8:1:2:3:4:5:6', 'B80D012002000100040003000600050', false],
  ['2001:db8:1:2:3:4:5:6', 'B80D0120020001000400030006000500', true],
  ['::ffff:127.0.0.1', '0100007F', true],
  ['127.0.0.1', '0000000000000000FFFF00000100007F', true],
  ['127.0.0.2', '0000000000000000FFFF00000100007F', false],
  ['::', '0100007F', true],
  ['::1', '00000000', false],
  ['*', '00000000000000000000000001000000', false],
  ['::1', '00000000000000000000000000000000', true],
  ['db.example.com', '00000000', true],
  ['db.example.com', '0100007F', false],
])('%s collides with %s: %s', (address, kernel, expected) => {
  const socket = { address: kernel, port: 5, inode: '1' }
  const bind = { address, port: 5, line: 1, transparent: false, v6only: false }
  expect(collide(bind, socket)).toBe(expected)
  expect(collide({ ...bind, port: 6 }, socket)).toBe(false)
})

test('every IPv6 address alone leaves those of IPv4 to others', () => {
  const bind = { address: '::', port: 5, line: 1, transparent: false, v6only: true }
  const on = (address: string) => ({ address, port: 5, inode: '1' })

  expect(collide(bind, on('0100007F'))).toBe(false)
  expect(collide(bind, on('00000000000000000000000001000000'))).toBe(true)
})
