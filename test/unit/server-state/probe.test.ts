import { expect, test } from 'vitest'
import { statefulSections } from '../../../agent/server-state/sections.ts'

const dir = '/run/pgsvc/server-state'

function probeOf(lines: readonly string[], server: string) {
  const text = [
    'listen x',
    ...lines,
    'load-server-state-from-file local',
    `server-state-file-name ${dir}/x`,
    server,
    '',
  ]
  return statefulSections([text.join('\n')], dir)[0]?.servers[0]?.check?.probe
}

const pigstys = [
  'option httpchk',
  'http-check send meth OPTIONS uri /primary',
  'http-check expect status 200',
]
const usual = { host: '10.0.0.1', port: 8008, method: 'OPTIONS', path: '/primary', headers: {} }

test('a check of Patroni is asked at the check port', () => {
  expect(probeOf(pigstys, 'server a 10.0.0.1:5432 check port 8008 weight 100')).toEqual({
    ...usual,
    expect: [[200, 200]],
    tls: undefined,
  })
})

test('a check over TLS names its authority, and no host', () => {
  expect(
    probeOf(pigstys, 'server a 10.0.0.1:5432 check-ssl ca-file /pg/cert/ca.crt check port 8008')?.tls,
  ).toEqual({ caFile: '/pg/cert/ca.crt', verify: true, verifyHost: '', sni: '' })
})

test.each([
  ['option httpchk GET /health', ['GET', '/health']],
  ['option httpchk /health', ['OPTIONS', '/health']],
  ['option httpchk', ['OPTIONS', '/']],
  ['option httpchk HEAD /x HTTP/1.1', ['HEAD', '/x']],
])('%s asks %j and expects any success', (line, [method, path]) => {
  expect(probeOf([line], 'server a 10.0.0.1:80 check')).toMatchObject({
    port: 80,
    method,
    path,
    expect: [[200, 399]],
  })
})

test.each([
  [
    'status 200,503',
    [
      [200, 200],
      [503, 503],
    ],
  ],
  ['status 200-299', [[200, 299]]],
])('http-check expect %s', (words, ranges) => {
  expect(
    probeOf(['option httpchk', `http-check expect ${words}`], 'server a 10.0.0.1:80 check')?.expect,
  ).toEqual(ranges)
})

test('headers are sent along', () => {
  const lines = ['option httpchk', 'http-check send meth GET uri / ver HTTP/1.1 hdr Host www']
  expect(probeOf(lines, 'server a 10.0.0.1:80 check')?.headers).toEqual({ Host: 'www' })
})

test.each([
  ['no check of a protocol', [], 'check'],
  ['a check of another protocol', ['option pgsql-check user x'], 'check'],
  ['steps over TCP', ['option tcp-check', 'tcp-check expect string x'], 'check'],
  ['an expectation of a text', ['option httpchk', 'http-check expect string ok'], 'check'],
  ['a negated expectation', ['option httpchk', 'http-check expect ! status 500'], 'check'],
  [
    'two expectations',
    ['option httpchk', 'http-check expect status 200', 'http-check expect status 201'],
    'check',
  ],
  ['another meaning of 404', ['option httpchk', 'http-check disable-on-404'], 'check'],
  ['a body', ['option httpchk', 'http-check send body x'], 'check'],
  ['a connection described in steps', ['option httpchk', 'http-check connect ssl'], 'check'],
  ['the PROXY protocol', ['option httpchk'], 'check send-proxy'],
  ['a client certificate', ['option httpchk'], 'check ssl crt /x.pem'],
])('%s is nothing that could be asked', (_what, lines, options) => {
  expect(probeOf(lines, `server a 10.0.0.1:80 ${options}`)).toBeUndefined()
})

test('default-server lines above hold for a server, those below do not', () => {
  const text = `listen x
  option httpchk
  load-server-state-from-file local
  server-state-file-name ${dir}/x
  default-server check port 8008 weight 50 rise 2 fall 4
  server a 10.0.0.1:5432
  default-server weight 7
  server b 10.0.0.2:5432 no-check
  server c [::1]:5432 weight 9 disabled
`
  const [a, b, c] = statefulSections([text], dir)[0]?.servers ?? []
  expect(a).toMatchObject({ weight: 50, disabled: false, check: { port: 8008, rise: 2, fall: 4 } })
  expect(b).toMatchObject({ weight: 7, check: undefined })
  expect(c).toMatchObject({ address: '::1', port: 5432, weight: 9, disabled: true })
})

test.each([
  ['another directory', 'load-server-state-from-file local', '/var/lib/haproxy/x'],
  ['a path out of the directory', 'load-server-state-from-file local', `${dir}/../x`],
  ['states that are not loaded', 'load-server-state-from-file none', `${dir}/x`],
])('%s: none of our sections', (_what, line, path) => {
  const text = `listen x\n${line}\nserver-state-file-name ${path}\nserver a 10.0.0.1:80 check\n`
  expect(statefulSections([text], dir)).toEqual([])
})

test('lines of the section of somebody else belong to nobody of ours', () => {
  const text = `listen x\nload-server-state-from-file local\nserver-state-file-name ${dir}/x\nfrontend y\nserver a 10.0.0.1:80\n`
  expect(statefulSections([text], dir)).toEqual([{ name: 'x', file: 'x', servers: [] }])
})
