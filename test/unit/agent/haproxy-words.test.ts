import { expect, test } from 'vitest'
import { findStatsSocket, parseArguments } from '../../../agent/haproxy/arguments.ts'
import { readCheckWords } from '../../../agent/haproxy/check-words.ts'
import { parseReloadAnswer, parseVersion } from '../../../agent/haproxy/version.ts'
import { parseShowStat } from '../../../agent/observe/show-stat.ts'

// What HAProxy 2.6.12 said, but for the paths.
test.each([
  [
    `[NOTICE]   (1) : haproxy version is 2.6.12-1+deb12u4
[ALERT]    (1) : config : parsing [/s/x.cfg:3] : unknown keyword 'frobnicate' in 'listen' section
[ALERT]    (1) : config : Error(s) found in configuration file : /s/x.cfg
[ALERT]    (1) : config : Fatal errors found in configuration.
`,
    { path: '/s/x.cfg', line: 3, message: "unknown keyword 'frobnicate' in 'listen' section" },
  ],
  [
    `[ALERT]    (1) : config : parsing [/s/x.cfg:2]: Missing LF on last line, file might have been truncated at position 10.
[ALERT]    (1) : config : Error(s) found in configuration file : /s/x.cfg
`,
    {
      path: '/s/x.cfg',
      line: 2,
      message: 'Missing LF on last line, file might have been truncated at position 10.',
    },
  ],
  [
    `[ALERT]    (1) : config : [/s/x.cfg:3] : 'server x/a' : could not resolve address 'nohost.invalid'.
[ALERT]    (1) : config : Failed to initialize server(s) addr.
`,
    { path: '/s/x.cfg', line: 3, message: "'server x/a' : could not resolve address 'nohost.invalid'." },
  ],
  [
    `[ALERT]    (1) : config : Proxy 'x': unable to find stick-table 'q'.
[ALERT]    (1) : config : Fatal errors found in configuration.
`,
    { path: undefined, line: undefined, section: 'x', message: "Proxy 'x': unable to find stick-table 'q'." },
  ],
  [
    `[ALERT]    (1) : config : parsing [/etc/haproxy/haproxy.cfg:4] : 'pidfile' already specified. Continuing.
[ALERT]    (1) : config : parsing [/s/x.cfg:2] : 'bind' : invalid port '70000'
[ALERT]    (1) : config : Error(s) found in configuration file : /s/x.cfg
`,
    { path: '/s/x.cfg', line: 2, message: "'bind' : invalid port '70000'" },
  ],
])('finds file and line in %#', (output, expected) => {
  expect(readCheckWords(output)).toMatchObject(expected)
})

test("keeps HAProxy's words but its notices", () => {
  const noise = `[WARNING]  (1) : config : Proxy 'a': Can't open server state file '/run/a': No such file or directory.\n`
  expect(readCheckWords(`${noise}[ALERT]    (1) : z\n`).words).toBe('[ALERT]    (1) : z')
  expect(readCheckWords('[NOTICE]   (1) : x\n[WARNING]  (1) : y\n[ALERT]    (1) : z\n').words).toBe(
    '[WARNING]  (1) : y\n[ALERT]    (1) : z',
  )
})

test('reads a command line as Pigsty and Debian start it, also after a re-execution', () => {
  const args = ['/usr/sbin/haproxy', '-sf', '12', '-x', 'sockpair@5', '-Ws', '-f', '/etc/haproxy/haproxy.cfg']
  const more = ['-f', 'conf.d/', '-p', '/run/haproxy.pid', '-S', '/run/haproxy-master.sock,mode,600', '']

  expect(parseArguments([...args, ...more], '/etc/haproxy')).toEqual({
    configPaths: ['/etc/haproxy/haproxy.cfg', '/etc/haproxy/conf.d'],
    masterSocket: '/run/haproxy-master.sock',
    masterWorker: true,
  })
})

test('a master socket that is no unix socket is none, files after -- are files', () => {
  expect(parseArguments(['haproxy', '-D', '-S', '127.0.0.1:99', '--', '/a.cfg', '/b.cfg'], '/')).toEqual({
    configPaths: ['/a.cfg', '/b.cfg'],
    masterSocket: undefined,
    masterWorker: false,
  })
})

test('finds the first unix stats socket', () => {
  const config =
    'global\n  #stats socket /no\n  stats socket ipv4@127.0.0.1:9\n\tstats socket unix@/run/h.sock level admin\n'

  expect(findStatsSocket(config)).toBe('/run/h.sock')
  expect(findStatsSocket('global\n')).toBeUndefined()
})

test.each([
  ['HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/', '2.6.12', 2, 6],
  ['HAProxy version 3.4.0 2026/05/01', '3.4.0', 3, 4],
  ['HAProxy version 3.5-dev2-abc', '3.5', 3, 5],
])('reads the version of %s', (output, text, major, minor) => {
  expect(parseVersion(output)).toEqual({ text, major, minor })
})

test('reads the answer to reload from 2.7 on, and nothing from before', () => {
  expect(parseReloadAnswer('Success=1\n--\n[NOTICE] loaded\n')).toEqual({
    success: true,
    words: '[NOTICE] loaded',
  })
  expect(parseReloadAnswer('Success=0\n--\n[ALERT] cannot bind\n')).toEqual({
    success: false,
    words: '[ALERT] cannot bind',
  })
  expect(parseReloadAnswer('')).toBeUndefined()
})

test('a section is down when HAProxy says so of its backend side', () => {
  const csv =
    '# pxname,svname,qcur,status,\na,FRONTEND,0,OPEN,\na,s1,0,DOWN,\na,BACKEND,0,DOWN,\nb,BACKEND,0,UP,\n'

  expect(parseShowStat(csv)).toEqual([
    { name: 'a', down: true },
    { name: 'b', down: false },
  ])
})
