/** What an agent's own configuration allows, and what it cannot allow. */
import { expect, test } from 'vitest'
import { findViolation } from '../../../agent/guard/guard.ts'
import { agentOptions, guardRules } from '../../../agent/options.ts'
import { resolveConfig } from '../../../shared/config/options.ts'
import { findTextProblem } from '../../../shared/haproxy/directives.ts'
import { allowable } from '../../../shared/haproxy/guard-rules.ts'

function rulesOf(yaml: string) {
  const file = { path: '/etc/pgsvc/agent.yml', text: yaml }
  return guardRules(resolveConfig(agentOptions, { env: {}, flags: {}, file }))
}

/** What the guard says to one line, by an agent's configuration. */
function said(line: string, yaml = ''): string | undefined {
  const text = `listen x\n    mode http\n    ${line}\n`
  const fault = findViolation([{ name: 'x.cfg', owner: 'o', text }], new Set(), rulesOf(yaml))
  return fault && `${fault.line}: ${fault.message}`
}

test.each([
  ['http-request deny if { path /admin }', 'http-request is not', 'guard_allow: [http-request]'],
  ['acl a src 10.0.0.0/8', 'acl is not', 'guard_allow: [acl]'],
  [
    'bind :443 ssl crt /etc/haproxy/certs/a.pem alpn h2',
    'bind ... crt /etc/haproxy/certs/a.pem is not',
    'guard_cert_dirs: [/etc/haproxy/certs/]',
  ],
  [
    'server a 10.0.0.1:80 check-ssl ca-file /my/ca.crt',
    'server ... ca-file /my/ca.crt is not',
    'guard_ca_files: [/my/ca.crt]',
  ],
])('%s is refused with the line that would allow it, and that line does', (line, what, option) => {
  expect(said(line)).toBe(
    `3: ${what} allowed in a service file; '${option}' in this agent's configuration would allow it`,
  )
  expect(said(line, option)).toBeUndefined()
})

test('servers outside the networks are refused, wherever a line names an address', () => {
  const yaml = 'server_networks: [10.10.10.0/24, "fd00::/8"]'
  const allowed = [
    'server a 10.10.10.9:80 check port 8008',
    'server a ipv4@10.10.10.9',
    'server a [fd00::1]:80',
    'server a fd00::1:80',
    'server a 10.10.10.9:80 addr 10.10.10.8 agent-addr 10.10.10.7',
    'bind 192.0.2.1:80',
  ]
  expect(allowed.map((line) => said(line, yaml))).toEqual(allowed.map(() => undefined))
  const refused = [
    '10.10.11.9:80',
    '0.0.0.0:80',
    '*:80',
    ':80',
    'db.example.com:80',
    '[fe80::1]:80',
    '010.10.10.9:80',
    '::1',
  ]
  for (const address of refused) {
    expect(said(`server a ${address}`, yaml)).toContain(`server ... ${address} is not allowed`)
    expect(said(`server a ${address}`)).toBeUndefined()
  }
  expect(said('server a 10.10.11.9:80', yaml)).toContain("'server_networks: [10.10.11.9]' in this agent's")
  expect(said('server a 10.10.10.9:80 check addr 192.0.2.1', yaml)).toContain('addr 192.0.2.1')
  expect(said('default-server addr 192.0.2.1', yaml)).toContain('addr 192.0.2.1')
})

test('a line that one agent takes is not taken by another', () => {
  const line = 'acl a src 10.0.0.0/8'
  expect(said(line, 'guard_allow: [acl]')).toBeUndefined()
  expect(said(line)).toContain('acl is not allowed')
  const server = '    server s 10.0.0.1:5432 check port 8008 weight 100\n'
  const within = (yaml: string) => findTextProblem(`listen x\n${server}`, rulesOf(yaml))
  expect(within('')).toBeUndefined()
  expect(within('server_networks: [192.0.2.0/24]')).toBeDefined()
  expect(said('server s 10.0.0.1:1 ca-file /pg/cert/ca.crt', 'guard_ca_files: []')).toContain('ca-file')
})

/** Everything allowed that can be. */
const all = `guard_allow: [${[...allowable].join(', ')}]
guard_cert_dirs: [/etc/haproxy/certs]
`

test.each([
  'http-request lua.evil',
  'http-request use-service lua.evil',
  'http-request return status 200 file /etc/shadow',
  'http-request return status 200 lf-file /etc/shadow',
  'http-request return status 200 "fi"le /etc/shadow',
  'http-request deny errorfile /etc/shadow',
  'http-request deny errorfiles e',
  'http-request set-header a %[env(SECRET)]',
  'http-request set-header a "%[src,map_ip(/etc/shadow)]"',
  'http-request set-header a %[var(proc.secret)]',
  'http-request set-header a %[hdr(x),jwt_verify(a,/etc/shadow)]',
  'http-request set-header a %[lua.f]',
  'http-request set-map(/etc/x) a b',
  'http-request add-acl(/etc/x) a',
  'http-request set-var(proc.a) int(1)',
  'http-request deny if { src -f /etc/shadow }',
  'http-request deny if { src -i -f /etc/shadow }',
  'http-request deny if { src -M -f /etc/shadow }',
  'acl a src -f /etc/shadow',
  'acl a src "-f" /etc/shadow',
  'acl a env(SECRET) -m found',
  'tcp-request content lua.evil',
  'tcp-request content send-spoe-group a b',
  'stats admin if TRUE',
  'bind :1 ssl crt /etc/haproxy/certs/../x.pem',
  'bind :1 ssl crt /etc/haproxy/certs/./x.pem',
  'bind :1 ssl crt /etc/haproxy/certs',
  'bind :1 ssl crt /etc/haproxy/certsx/a.pem',
  'bind :1 ssl crt etc/a.pem',
  'bind :1 ssl crt-list /etc/haproxy/certs/list',
  'bind :1 ssl crt /etc/haproxy/certs/a.pem ca-file /etc/shadow',
  'bind /run/x.sock ssl crt /etc/haproxy/certs/a.pem',
  'server s 10.0.0.1:1 ssl crt /etc/haproxy/certs/a.pem',
  'external-check command /bin/sh',
  'option external-check',
  'filter spoe engine x config /etc/shadow',
  'errorfile 503 /etc/shadow',
  'log /dev/log local0',
  'source 1.2.3.4',
  'http-request deny if a \\',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: HAProxy's syntax, not ours
  'http-request set-header a "${SECRET}"',
])('nothing in the configuration allows %s', (line) => {
  expect(said(line, all)).toMatch(/^3: /)
})

test('what cannot be allowed is refused with that word, and no configuration is offered', () => {
  expect(said('external-check command /bin/sh')).toBe(
    '3: external-check is not allowed in a service file; no option of the agent allows it',
  )
  expect(said('http-request return file /etc/shadow')).toContain('no option of the agent')
})

test.each([
  'guard_allow: [external-check]',
  'guard_allow: [lua]',
  'guard_allow: [errorfile]',
  'guard_cert_dirs: [certs]',
  'guard_cert_dirs: [/a/../b]',
  'guard_cert_dirs: [/]',
  'guard_ca_files: [ca.crt]',
  'server_networks: [10.0.0.0/33]',
  'server_networks: [db.example.com]',
])('the agent does not start with %s', (yaml) => {
  expect(() => rulesOf(yaml)).toThrow(/guard_|server_networks/)
})

test('an empty list in the environment is none', () => {
  const config = resolveConfig(agentOptions, { flags: {}, env: {}, file: undefined })
  expect(config.guard_ca_files).toEqual(['/pg/cert/ca.crt', '/etc/pki/ca.crt', '@system-ca'])
  const flags = { guardCaFiles: '', guardAllow: 'acl, redirect' }
  expect(resolveConfig(agentOptions, { flags, env: {}, file: undefined })).toMatchObject({
    guard_ca_files: [],
    guard_allow: ['acl', 'redirect'],
  })
})

test.each([
  ['a NUL that an escape makes, behind which HAProxy sees nothing', 'option external-check\\x00foo'],
  ['a NUL in quotes', 'server s "1.1.1.1:1\\x00"'],
  ['a line end for JavaScript alone', 'description a\u2028listen b'],
  ['a line end of old', 'mode tcp\rlisten b'],
  ['writing backwards', 'description \u202edetrevni'],
  ['a mark of byte order', '\ufeffmode tcp'],
  ['an escape of a terminal', 'description \x1b[2J'],
  ['a line without end', `description ${'x'.repeat(9_000)}`],
  ['letters that only look like others', 'm\u043ede tcp'],
])('%s is refused', (_what, line) => {
  expect(said(line, all)).toMatch(/^3: /)
})

test('a NUL is refused wherever an escape makes one', () => {
  expect(said('server s 1.1.1.1:1 cookie a\\x00b')).toContain('an escape that makes a NUL byte')
})

test('line ends of Windows and comments in any language are fine', () => {
  expect(findTextProblem('# 服务\r\nlisten x\r\n    mode tcp # режим\r\n')).toBeUndefined()
})

test('all files together are bounded', () => {
  const texts = Array.from({ length: 80 }, (_, i) => `listen x${i}\n${'# 890123456789\n'.repeat(65_000)}`)
  const files = texts.map((text, i) => ({ name: `x${i}.cfg`, owner: 'o', text }))

  expect(findViolation(files, new Set())).toEqual({
    stage: 'guard',
    code: 'FILE_TOO_LARGE',
    message: expect.stringContaining('all files together'),
  })
  expect(
    findViolation(
      files.map((file) => ({ ...file, text: texts[0] ?? '' })),
      new Set(),
    ),
  ).toBeUndefined()
})
