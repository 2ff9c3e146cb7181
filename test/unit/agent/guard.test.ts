import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
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
  ['listen x\n  http-request return status 200 file /etc/shadow\n', 2],
  ['listen x\n  http-request return status 200 lf-file /etc/shadow\n', 2],
  ['listen x\n  http-request return status 200 errorfiles e\n', 2],
  ['listen x\n  http-request "lua.foo"\n', 2],
  ['listen x\n  http-request set-header a %[env(SECRET)]\n', 2],
  ['listen x\n  tcp-request content use-service lua.foo\n', 2],
  ['listen x\n  acl a src -f /etc/shadow\n', 2],
  ['listen x\n  errorfiles x\n', 2],
  ['listen x\n  server s "unix@/run/x"\n', 2],
  ['listen x\n  server s un""ix@/run/x\n', 2],
  ['listen x\n  server s \\x2frun/x\n', 2],
  ['listen x\n  server s abns@x\n', 2],
  ['listen x\n  server s 1.1.1.1:1 check addr unix@/run/x\n', 2],
  ['listen x\n  server s 1.1.1.1:1 ssl crt /etc/key.pem\n', 2],
  ['listen x\n  default-server crt /etc/key.pem\n', 2],
  ['listen x\n  server s 1.1.1.1:1 check-ssl ca-file /etc/shadow\n', 2],
  ['listen x\n  server s 1.1.1.1:1 check-ssl ca-file /pg/../etc/x.crt\n', 2],
  ['listen x\n  server s 1.1.1.1:1 sni env(SECRET)\n', 2],
  ["listen x\n  bind 'unix@/run/y'\n", 2],
  ['listen x\n  bind ipv4@1.2.3.4:1,unix@/run/z\n', 2],
  ['listen x\n  bind ipv4@1.2.3.4:1,/run/z\n', 2],
  ['listen x\n  bind :1 "crt" /etc/key.pem\n', 2],
  ['listen x\n  bind :1 ssl\n', 2],
  ['listen x\n  "bind" fd@3\n', 2],
  ['listen x\n  server-state-file-name /etc/passwd\n', 2],
  ['listen x\n  server-state-file-name /run/haproxy/../x\n', 2],
  ['listen x\n  http-check send hdr a %[env(SECRET)]\n', 2],
  ['listen x\n  http-check send uri-lf x\n', 2],
  ['listen x\n  http-check connect addr unix@/run/x\n', 2],
  ['listen x\n  http-check set-var(check.a) env(SECRET)\n', 2],
  ['listen x\n  tcp-check connect port env(SECRET)\n', 2],
  ['listen x\n  balance hash env(SECRET)\n', 2],
  ['listen x\n  stick on src if { src -f /etc/shadow }\n', 2],
  ['listen x\n  stick on env(SECRET)\n', 2],
  ['listen x\n  "option" "external-check"\n', 2],
  ['listen x\n  mode "tcp\n', 2],
  ['"listen" x\n', 1],
  ['listen x from secret\n', 1],
  ['listen bad/name\n', 1],
  ['listen\n', 1],
  ['listen x\n  mode tcp', 2],
])('refuses %j', (text, line) => {
  expect(findTextProblem(text)).toMatchObject({ line })
})

test.each([
  'server a 10.0.0.1:5432 check-ssl ca-file /pg/cert/ca.crt check port 8008 weight 100 backup',
  'server minio-1 10.10.10.10:9000 check-ssl ca-file /etc/pki/ca.crt check port 9000',
  'server a [::1]:5432 check',
  'server a db.example.com:+1 resolvers dns init-addr last,libc,none # by name',
  'bind *:5433',
  'bind 10.0.0.1:80,ipv6@[::1]:81 transparent',
  'server-state-file-name /run/haproxy/pgsvc.state',
  'load-server-state-from-file local',
  'http-check connect port 8008 ssl',
  'http-check send meth GET uri "/read-only?lag=1MB" hdr Host x',
  "http-check expect rstring 'a|(b)'",
  'tcp-check expect string +PONG',
  'stick-table type ip size 1m expire 1h store gpc0,conn_rate(10s)',
  'stick on src table t',
  'balance hdr(Host)',
  'option redispatch 1',
  'timeout client 24h',
])('takes %j', (line) => {
  expect(findTextProblem(`listen x\n  ${line}\n`)).toBeUndefined()
})

test('quotes and escapes do not make a refused line acceptable', () => {
  const refused = [
    ['server', 's', 'unix@/run/x'],
    ['bind', ':1', 'crt', '/etc/key.pem'],
    ['bind', '10.0.0.1:1,unix@/run/z'],
    ['option', 'external-check'],
    ['acl', 'a', 'src', '-f', '/etc/shadow'],
    ['http-check', 'send', 'hdr', 'a', '%[env(SECRET)]'],
    ['server-state-file-name', '/etc/passwd'],
  ]
  const style = fc.constantFrom('plain', 'single', 'double', 'hex', 'empty')
  const line = fc.constantFrom(...refused).chain((words) => {
    const { length } = words.join('')
    return fc.array(style, { minLength: length, maxLength: length }).map((styles) => {
      let at = 0
      return words.map((word) => [...word].map((char) => disguise(char, styles[at++])).join('')).join(' ')
    })
  })

  fc.assert(
    fc.property(line, (text) => {
      expect(findTextProblem(`listen x\n  ${text}\n`)).toMatchObject({ line: 2 })
    }),
  )
})

/** Another way to write one character that HAProxy reads the same. */
function disguise(char: string, style: string | undefined): string {
  if (style === 'single') return `'${char}'`
  if (style === 'double') return `"${char}"`
  if (style === 'hex') return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  return style === 'empty' ? `""${char}` : char
}

test('takes every file of the conformance corpus', () => {
  const own = join(import.meta.dirname, '../../conformance')
  const folders = [own, ...(process.env.PGSVC_CONFORMANCE ?? '').split(':')].filter((folder) => folder !== '')
  const files = folders.flatMap((folder) =>
    globSync('*/expected/**/*.cfg', { cwd: folder })
      .filter((file) => !file.startsWith('legacy-'))
      .map((file) => join(folder, file)),
  )

  const refused = files.flatMap((file) => {
    const found = findTextProblem(readFileSync(file, 'utf8'))
    return found ? [{ file, ...found }] : []
  })

  expect(files.length).toBeGreaterThan(10)
  expect(refused).toEqual([])
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
