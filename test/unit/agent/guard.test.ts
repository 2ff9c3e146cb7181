import { expect, test } from 'vitest'
import { findViolation } from '../../../agent/guard/guard.ts'
import { findTextProblem } from '../../../shared/haproxy/directives.ts'

const pigsty = `#---------------------------------------------------------------
# service: pg-test-primary @ *:5433
listen pg-test-primary
    bind *:5433
    mode tcp
    maxconn 5000
    balance roundrobin
    option httpchk
    option http-keep-alive
    http-check send meth OPTIONS uri /primary
    http-check expect status 200
    default-server inter 3s fastinter 1s downinter 5s rise 3 fall 3 on-marked-down shutdown-sessions slowstart 30s maxconn 3000 maxqueue 128 weight 100
    # servers
    server pg-test-1 10.10.10.11:6432 check port 8008 weight 100 check-ssl verify none
    server pg-test-2 10.10.10.12:6432 check port 8008 weight 100 backup
`

test('takes what Pigsty writes', () => {
  expect(findTextProblem(pigsty)).toBeUndefined()
  expect(
    findViolation([{ name: 'pg-test-primary.cfg', owner: 'pg-test', text: pigsty }], new Set()),
  ).toBeUndefined()
})

test.each([
  ['global\n  lua-load /tmp/x.lua\n', 1],
  ['frontend x\n  bind *:1\n', 1],
  ['program x\n  command /bin/sh\n', 1],
  ['log-forward x\n', 1],
  ['# only\nmode tcp\n', 2],
  ['listen x\n  external-check command /bin/sh\n', 2],
  ['listen x\n  option external-check\n', 2],
  ['listen x\n  errorfile 503 /etc/shadow\n', 2],
  ['listen x\n  http-request use-service lua.evil\n', 2],
  ['listen x\n  http-request lua.evil\n', 2],
  ['listen x\n  log /dev/log local0\n', 2],
  ['listen x\n  bind /run/x.sock\n', 2],
  ['listen x\n  bind *:1 ssl crt /etc/key.pem\n', 2],
  ['listen x\n  server a /run/docker.sock\n', 2],
  ['listen x\n  server a unix@/run/docker.sock\n', 2],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: HAProxy's syntax, not ours
  ['listen x\n  server a ${HOST}:1\n', 2],
  ['listen x\n  server a "$HOST":1\n', 2],
  ['listen x\n  server a 1.1.1.1:1 \\\n', 2],
  ['listen x\n  mode tcp\n\nglobal\n', 4],
  ['listen bad/name\n', 1],
  ['listen\n', 1],
  ['listen x\n  mode tcp', 2],
])('refuses %j', (text, line) => {
  expect(findTextProblem(text)).toMatchObject({ line })
})

test('a NUL byte is refused', () => {
  expect(findTextProblem('listen x\n\0\n')?.message).toContain('NUL')
})

test.each([
  '../x.cfg',
  'a/b.cfg',
  '.hidden.cfg',
  'x.conf',
  '-f.cfg',
  '',
  'haproxy.cfg',
  `${'x'.repeat(250)}.cfg`,
])('refuses the file name %j', (name) => {
  expect(findViolation([{ name, owner: 'o', text: pigsty }], new Set(['haproxy.cfg']))).toMatchObject({
    stage: 'guard',
    code: 'FILE_NAME_REFUSED',
    owner: 'o',
  })
})

test('a file without bounds is refused', () => {
  const text = `${pigsty}${'# x\n'.repeat(300_000)}`

  expect(findViolation([{ name: 'a.cfg', owner: 'o', text }], new Set())).toMatchObject({
    code: 'FILE_TOO_LARGE',
  })
})

test('a refused directive is named with file, line and owner', () => {
  expect(
    findViolation([{ name: 'a.cfg', owner: 'o', text: 'listen a\n  lua x\n' }], new Set()),
  ).toMatchObject({
    code: 'DIRECTIVE_REFUSED',
    owner: 'o',
    file: 'a.cfg',
    line: 2,
  })
})
