import { describe, expect, test } from 'vitest'
import { configText, decideConfig } from '../../../controller/enroll/agent-config.ts'
import { placesIn, usualPlaces } from '../../../controller/enroll/certificate-places.ts'
import {
  factsScript,
  type NodeFacts,
  parseFacts,
  placesScript,
  withPlaces,
} from '../../../controller/enroll/facts.ts'
import { isComplete, planNode, type Wanted } from '../../../controller/enroll/node-plan.ts'
import { failedOn } from '../../../controller/enroll/remote-failure.ts'

const controllers = ['10.10.10.10:9750']
const wanted: Wanted = {
  node: '10.10.10.11',
  controllers,
  program: { sha256: 'new', bytes: 100_000_000 },
  units: { 'pgsvc-agent.service': '[Unit]\n' },
  known: { certificates: [], authorities: [] },
}

function facts(more: Partial<NodeFacts> = {}): NodeFacts {
  const bare = parseFacts('machine x86_64\nsystemd yes\nprogramRoom 900000\nstateRoom 900000\n')
  return { ...bare, ...more }
}

describe('what is to be done', () => {
  test('a bare host needs everything', () => {
    const plan = planNode(facts(), wanted)
    expect(plan).toMatchObject({ program: 'bring', config: { kind: 'write' }, certificate: 'there is none' })
    expect(plan.units).toHaveLength(1)
    expect(isComplete(plan)).toBe(false)
  })

  test.each([
    ['the same program', { program: 'new' }, 'unchanged'],
    ['another one', { program: 'old' }, 'bring'],
    ['another one, and ours beside it', { program: 'old', nextProgram: 'new' }, 'waiting'],
    ['another one, of a package', { program: 'old', package: 'pgsvc' }, 'packaged'],
  ] as const)('%s: %j is %s', (_name, more, program) => {
    expect(planNode(facts(more), wanted).program).toBe(program)
  })

  test('a switch that was cut off is not done, whatever is in place', () => {
    const files = new Map([
      ['/etc/pgsvc/agent.yml', configText('10.10.10.11', controllers)],
      ['/etc/systemd/system/pgsvc-agent.service', '[Unit]\n'],
    ])
    const placed = { ...planNode(facts({ program: 'new', files }), wanted), certificate: undefined }
    expect(isComplete(placed)).toBe(true)
    expect(isComplete({ ...placed, facts: { ...placed.facts, hasPrevious: true } })).toBe(false)
  })

  test('a package keeps its units', () => {
    expect(planNode(facts({ program: 'old', package: 'pgsvc' }), wanted).units).toEqual([])
  })

  test.each([
    ['no systemd', { hasSystemd: false }, 'NO_SYSTEMD'],
    ['no room for the program', { programRoom: 99_000_000 }, 'DISK_FULL'],
    ['no room for the state', { stateRoom: 1_000_000 }, 'DISK_FULL'],
  ] as const)('%s is refused before anything is touched', (_name, more, code) => {
    expect(() => planNode(facts(more), wanted)).toThrow(expect.objectContaining({ code }))
  })

  test('a program that is there needs no room', () => {
    expect(planNode(facts({ program: 'new', programRoom: 0 }), wanted).program).toBe('unchanged')
  })
})

describe('the configuration', () => {
  const own = configText('10.10.10.11', controllers)

  test.each([
    ['nothing', undefined, 'write'],
    ['what would be written', own, 'unchanged'],
    ['ours of before, untouched', configText('10.10.10.11', ['10.10.10.9:9750']), 'write'],
    ['ours, edited, and says the same', `${own}drift: repair\n`, 'unchanged'],
    [
      'ours, edited, with another controller',
      configText('10.10.10.11', ['a:1']).replace('a:1', 'b:2'),
      'kept',
    ],
    ['by hand, says the same', 'controllers: 10.10.10.10:9750\nnode: 10.10.10.11\n', 'unchanged'],
    ['by hand, without a controller', 'node: 10.10.10.11\n', 'kept'],
    ['by hand, empty', '', 'kept'],
    ['by hand, broken', 'node: [\n', 'kept'],
  ])('%s', (_name, present, kind) => {
    expect(decideConfig(present, '10.10.10.11', controllers).kind).toBe(kind)
  })

  test('that of another node is refused', () => {
    expect(() => decideConfig('node: 10.10.10.12\n', '10.10.10.11', controllers)).toThrow(
      expect.objectContaining({ code: 'NODE_IS_ANOTHER' }),
    )
  })
})

describe('the places of certificates', () => {
  test.each([
    ['', usualPlaces],
    ['node: [\n', usualPlaces],
    ['tls_cert: ""\ntls_key: 7\n', usualPlaces],
    ['tls_cert: /pki/a b.crt\n', { ...usualPlaces, cert: '/pki/a b.crt' }],
    ['tls_key: pki/n.key\ntls_ca: /pki/../ca.crt\n', { ...usualPlaces, key: '/pki/n.key', ca: '/ca.crt' }],
  ])('%j', (config, expected) => {
    expect(placesIn(config)).toEqual(expected)
  })

  test('what a real shell prints of them is found again, whatever they are called', async () => {
    const { execFileSync } = await import('node:child_process')
    const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs')
    const dir = mkdtempSync('/tmp/pgsvc places-')
    const places = { cert: `${dir}/it's $HOME.crt`, key: `${dir}/none.key`, ca: `${dir}/ü %41.crt` }
    writeFileSync(places.cert, 'certificate\n')
    writeFileSync(places.ca, 'authorities\n')
    const ask = () => execFileSync('sh', ['-c', placesScript(places)], { encoding: 'utf8' })
    const found = withPlaces(facts({ hasKey: true }), places, ask())
    writeFileSync(places.key, '')
    expect(withPlaces(facts(), places, ask()).hasKey).toBe(true)
    rmSync(dir, { recursive: true })
    expect(found.files.get(places.cert)).toBe('certificate\n')
    expect(found.files.get(places.ca)).toBe('authorities\n')
    expect(found).toMatchObject({ places, hasKey: false })
  })
})

test('the script that looks is one that a POSIX shell takes', async () => {
  const { execFileSync } = await import('node:child_process')
  expect(() => execFileSync('dash', ['-n', '-c', factsScript(['a.service'])])).not.toThrow()
})

describe('what a command on a node said', () => {
  const ended = (stderr: string) => ({ status: 1, stdout: '', stderr })

  test.each([
    [
      'pgsvc agent: STATE_UNREADABLE: bad\n  hint: mend it\n',
      { code: 'STATE_UNREADABLE', message: 'bad', hint: 'mend it' },
    ],
    ['sh: 3: cannot create /opt/x: No space left on device\n', { code: 'DISK_FULL' }],
    ['gzip: stdin: unexpected end of file\n', { code: 'REMOTE_FAILED' }],
  ])('%j', (stderr, expected) => {
    expect(failedOn('n', 'it failed', ended(stderr))).toMatchObject(expected)
  })
})
