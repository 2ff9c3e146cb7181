import { describe, expect, test } from 'vitest'
import { classifyChange } from '../../../agent/apply/classify.ts'
import { type Compared, compare } from '../../../agent/apply/compare.ts'

const text = `listen pg-a
    bind *:5434
    default-server inter 3s weight 100
    server s1 10.0.0.1:5432 check port 8008 weight 100
    server s2 10.0.0.2:5432 check port 8008
listen pg-b
    bind *:5435
    server s1 10.0.0.1:5432 check
`
const weighted = (server: string, from: number, to: number, section = 'pg-a') => ({
  section,
  server,
  from,
  to,
})

test.each([
  [
    'the lines that we add to those of Pigsty, retries 0 among them',
    (old: string) => old.replace('listen pg-b\n', 'listen pg-b\n    retries 0\n'),
  ],
  ['comments and blanks', (old: string) => `# new\n${old.replaceAll('    ', '\t')}\n\n`],
  [
    'a weight that was the usual one',
    (old: string) => old.replace('2:5432 check', '2:5432 weight 100 check'),
  ],
  [
    'lines for the next start',
    (old: string) =>
      old.replace(
        '    bind',
        '    load-server-state-from-file local\n    server-state-file-name /run/x\n    bind',
      ),
  ],
  ['a description', (old: string) => `${old}    description of nothing\n`],
])('%s change nothing', (_case, edit) => {
  expect(classifyChange(text, edit(text))).toEqual({ kind: 'same' })
})

test.each([
  ['one server', '8008 weight 100', '8008 weight 7', [weighted('s1', 100, 7)]],
  ['a server without one', 'pg-b\n', 'pg-b\n', []],
  ['the usual weight', '3s weight 100', '3s weight 9', [weighted('s2', 100, 9)]],
  ['a weight that was not said', 'check\n', 'check weight 0\n', [weighted('s1', 1, 0, 'pg-b')]],
  ['a weight that is not said any more', ' 3s weight 100', ' 3s', [weighted('s2', 100, 1)]],
])('weights alone: %s', (_case, from, to, changes) => {
  const expected = changes.length === 0 ? { kind: 'same' } : { kind: 'weights', changes }

  expect(classifyChange(text, text.replace(from, to))).toEqual(expected)
})

test.each([
  ['an address', '10.0.0.2', '10.0.0.3'],
  ['a port', '5434', '5444'],
  ['a check', 'inter 3s', 'inter 2s'],
  ['a name', 'server s2', 'server s3'],
  ['a server more', 'listen pg-b', '    server s3 10.0.0.3:5432\nlisten pg-b'],
  ['a weight and something else', 'weight 100\n    server', 'weight 50 maxconn 3\n    server'],
  ['a weight that HAProxy would refuse', '8008 weight 100', '8008 weight 257'],
  ['a weight that says less', '8008 weight 100', '8008 weight'],
  ['two weights', '8008 weight 100', '8008 weight 1 weight 2'],
  ['servers that set their weight themselves', '8008 weight 100', '8008 weight 50 agent-check'],
  ['the order of servers', 'server s1 10.0.0.1:5432 check port 8008 weight 100\n', ''],
])('%s needs a reload', (_case, from, to) => {
  expect(classifyChange(text, text.replace(from, to))).toEqual({ kind: 'other' })
})

test('servers that set their weight themselves are left to a reload', () => {
  const own = text.replaceAll('check', 'check agent-check agent-port 9')

  expect(classifyChange(own, own.replace('weight 100\n', 'weight 50\n'))).toEqual({ kind: 'other' })
})

test('a usual weight holds for the rest of its section, whatever is said after it', () => {
  const two = (weight: number) =>
    `listen a\n  default-server weight ${weight}\n  default-server fall 3\n  server s 10.0.0.1:1\nlisten b\n  server s 10.0.0.1:1\n`

  expect(classifyChange(two(5), two(6))).toEqual({ kind: 'weights', changes: [weighted('s', 5, 6, 'a')] })
})

describe('a set of files', () => {
  const light = text.replace('8008 weight 100', '8008 weight 50')
  const compared = (more: Partial<Compared> = {}): Compared => ({
    candidate: new Map([['a.cfg', { name: 'a.cfg', owner: 'a', digest: '', text: light }]]),
    live: new Map([['a.cfg', text]]),
    owned: { 'a.cfg': { digest: '', owner: 'a' } },
    loaded: new Map([['a.cfg', text]]),
    isRunning: true,
    isStillLoaded: false,
    ...more,
  })

  test('with new weights alone is written, and the worker is told', () => {
    expect(compare(compared())).toEqual({
      write: ['a.cfg'],
      remove: [],
      reasons: ['weight of pg-a/s1 is 50 instead of 100'],
      causes: [],
      weights: [{ section: 'pg-a', server: 's1', from: 100, to: 50 }],
    })
  })

  const reloaded = { reasons: ['a.cfg changed'], causes: ['changed'], weights: [] }
  test.each([
    ['HAProxy does not run', { isRunning: false }],
    ['somebody else has written the file already', { live: new Map([['a.cfg', light]]) }],
    ['the disk says something else', { live: new Map([['a.cfg', `${text}    option tcplog\n`]]) }],
  ])('with new weights is no matter of the run-time API when %s', (_case, more) => {
    expect(compare(compared(more))).toMatchObject(reloaded)
  })

  test('of which another file needs a reload is reloaded as a whole, once', () => {
    const owned = { 'a.cfg': { digest: '', owner: 'a' }, 'b.cfg': { digest: '', owner: 'b' } }

    expect(
      compare(
        compared({
          owned,
          loaded: new Map([
            ['a.cfg', text],
            ['b.cfg', 'listen b\n'],
          ]),
        }),
      ),
    ).toMatchObject({
      reasons: ['a.cfg changed', 'b.cfg removed'],
      causes: ['changed', 'removed'],
      weights: [],
    })
  })
})
