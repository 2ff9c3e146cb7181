/** The guard against texts that nobody thought of, and its reading of a line against HAProxy's own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findViolations } from '../../agent/guard/guard.ts'
import { findTextProblem } from '../../shared/haproxy/directives.ts'
import { allowable, type GuardRules, serversWithin, usualRules } from '../../shared/haproxy/guard-rules.ts'
import { findRefusedLine } from '../../shared/haproxy/refused.ts'
import { splitWords } from '../../shared/haproxy/words.ts'

/** What HAProxy says of a text. */
function haproxySays(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-guard-'))
  try {
    const path = join(dir, 'x.cfg')
    writeFileSync(path, text)
    return spawnSync('/usr/sbin/haproxy', ['-W', '-c', '-f', path], { encoding: 'utf8', timeout: 20_000 })
      .stderr
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const everything: GuardRules = { ...usualRules, allow: allowable, certDirs: ['/etc/haproxy/certs/'] }
const narrow: GuardRules = { ...usualRules, isServerAllowed: serversWithin(['10.0.0.0/8']) }

/** Pieces that lines are made of, and those that readers of lines disagree about. */
const piece = fc.constantFrom(
  ...[
    'a',
    'Z',
    '9',
    '-',
    '.',
    ':',
    '@',
    '/',
    '%',
    '[',
    '{',
    '(',
    ')',
    ',',
    '$',
    '~',
    'é',
    '\u2028',
    '\u00a0',
    '\u0085',
  ],
  ...[
    ' ',
    '\t',
    '\v',
    '\f',
    '\r',
    '\x01',
    '"',
    "'",
    '\\',
    '#',
    '\\x',
    '\\x41',
    '\\x00',
    '\\x0',
    '\\t',
    '\\n',
    '\\r',
    '\\ ',
    '\\#',
    '\\"',
    "\\'",
    '\\$',
  ],
)
const word = fc.constantFrom(
  ...[
    'listen',
    'server',
    'bind',
    'option',
    'external-check',
    'http-request',
    'acl',
    'lua.x',
    'unix@/run/x',
    '-f',
  ],
  ...[
    '/etc/shadow',
    'crt',
    'ssl',
    'ca-file',
    'addr',
    '10.0.0.1:1',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: HAProxy's syntax, not ours
    '${X}',
    '%[env(X)]',
    '..',
    '#',
    'global',
    'program',
  ],
)
const text = fc.array(fc.oneof(piece, piece, word, fc.constant('\n'), fc.string()), { maxLength: 60 })

test('no text makes the guard or the lint throw', () => {
  fc.assert(
    fc.property(text, (parts) => {
      for (const whole of [parts.join(''), `listen x\n ${parts.join('')}\n`]) {
        for (const rules of [usualRules, everything, narrow]) findTextProblem(whole, rules)
        findViolations([{ name: parts[0] ?? '', owner: 'o', text: whole }], new Set())
        findRefusedLine(whole)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('the first word of a line is the one that HAProxy reads', () => {
  const lines = fc
    .sample(fc.array(piece, { minLength: 1, maxLength: 8 }), { numRuns: 2_500, seed: 7 })
    .map((parts) => parts.join(''))
  // What the guard refuses by itself HAProxy may read as it likes: a NUL, or a line that goes on.
  const read = lines
    .map((line) => `zz${line}`)
    .filter((line) => !/\\[ \t\r\f\v]*$/.test(line) && !line.includes('$'))
    .map((line) => ({ line, words: splitWords(line) }))
    .filter(
      ({ words }) => words !== undefined && !words.some((one) => one.includes('\0') || /[\r\n]/.test(one)),
    )
  const seen = new Map<number, string>()
  // HAProxy gives up after 50 faults.
  const size = 40
  for (let from = 0; from < read.length; from += size) {
    const body = read.slice(from, from + size).map(({ line }) => `${line}\n`)
    const said = haproxySays(`listen x\n${body.join('')}`)
    for (const [, number, first] of said.matchAll(
      /x\.cfg:(\d+)\] : unknown keyword '([^\n]*)' in 'listen' section/g,
    )) {
      seen.set(from + Number(number) - 2, first ?? '')
    }
  }
  const told = read.map(({ line, words }, index) => ({ line, ours: words?.[0], haproxys: seen.get(index) }))

  expect(told.length).toBeGreaterThan(1_000)
  expect(told.filter(({ ours, haproxys }) => ours !== haproxys)).toEqual([])
}, 60_000)

test('what cannot be split here, HAProxy refuses', () => {
  const lines = fc
    .sample(fc.array(piece, { minLength: 1, maxLength: 8 }), { numRuns: 1_000, seed: 9 })
    .map((parts) => `zz${parts.join('')}`)
  const broken = lines
    .filter((line) => splitWords(line) === undefined && !/[\r$]/.test(line) && !/\\[ \t\r\f\v]*$/.test(line))
    .slice(0, 40)

  expect(broken.length).toBe(40)
  const said = haproxySays(`listen x\n${broken.map((line) => `${line}\n`).join('')}`)
  const numbers = new Set([...said.matchAll(/x\.cfg:(\d+)\]: /g)].map(([, number]) => Number(number) - 2))
  expect([...numbers].toSorted((a, b) => a - b)).toEqual(broken.map((_line, index) => index))
}, 60_000)

/** Another way to write one character that HAProxy reads the same. */
function disguise(char: string, style: number): string {
  if (style === 1) return `'${char}'`
  if (style === 2) return `"${char}"`
  if (style === 3) return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  return style === 4 ? `""${char}` : char
}

const never = [
  ['http-request', 'return', 'file', '/etc/shadow'],
  ['http-request', 'lua.x'],
  ['http-request', 'set-header', 'a', '%[env(SECRET)]'],
  ['acl', 'a', 'src', '-f', '/etc/shadow'],
  ['bind', ':1', 'ssl', 'crt', '/etc/haproxy/certs/../../shadow'],
  ['bind', 'unix@/run/x'],
  ['server', 's', '/run/x'],
  ['option', 'external-check'],
  ['errorfile', '503', '/etc/shadow'],
]

test('no way of writing it makes an agent that allows everything take what reads files or runs code', () => {
  const line = fc.constantFrom(...never).chain((words) => {
    const { length } = words.join('')
    return fc.array(fc.nat(4), { minLength: length, maxLength: length }).map((styles) => {
      let at = 0
      return words.map((one) => [...one].map((char) => disguise(char, styles[at++] ?? 0)).join('')).join(' ')
    })
  })

  fc.assert(
    fc.property(line, fc.constantFrom('', '\\x00', '\\x00junk'), (written, tail) => {
      expect(findTextProblem(`listen x\n  ${written}${tail}\n`, everything)).toMatchObject({ line: 2 })
    }),
    { numRuns: 1_000 },
  )
})

test('only plain names are names of files', () => {
  const odd = fc.constantFrom('..', '/', '.', '-', '\0', '\n', ' ', '\u202e', 'ﬁ', '․', '／', '%2f', '~', '*')
  const name = fc
    .array(fc.oneof(odd, fc.string({ maxLength: 3 })), { maxLength: 6 })
    .map((parts) => `${parts.join('')}.cfg`)

  fc.assert(
    fc.property(name, (one) => {
      const taken = findViolations([{ name: one, owner: 'o', text: 'listen x\n' }], new Set()).length === 0
      expect(taken).toBe(/^[A-Za-z0-9][A-Za-z0-9._-]*\.cfg$/.test(one))
    }),
  )
})

test('no server is taken that is not in the networks', () => {
  const octet = fc.nat(255)
  fc.assert(
    fc.property(octet, octet, octet, octet, fc.constantFrom(':1', '', ':+1'), (a, b, c, d, port) => {
      const problem = findTextProblem(`listen x\n  server s ${a}.${b}.${c}.${d}${port}\n`, narrow)
      expect(problem === undefined).toBe(a === 10)
    }),
  )
})
