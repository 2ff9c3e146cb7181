/** What must hold for the files of any inventory, however odd its values are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from '../../shared/haproxy/canonical.ts'
import type { ServiceInfo } from '../../shared/model/snapshot.ts'
import { filesOf, inventoryOf, planOf, serversIn } from '../support/inventory.ts'

/** Anything that a person or a program may put into a field. */
const anyScalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    'a\nserver x 1.2.3.4:1',
    'x # y',
    '"',
    "it's",
    '\\',
    'a b',
    '',
    '\r',
    'ü',
    '/primary',
    '5433',
  ),
  fc.integer({ min: -1, max: 70_000 }),
  fc.boolean(),
  fc.constant(null),
)
const field = (good: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 40, arbitrary: good }, { weight: 1, arbitrary: anyScalar })

const services = fc.array(
  fc.record(
    {
      name: field(fc.constantFrom('a', 'b', 'c', 'read-only')),
      port: field(fc.integer({ min: 6000, max: 6005 })),
      ip: field(fc.constantFrom('*', '10.0.0.1')),
      dest: field(fc.constantFrom('default', 'postgres', 'pgbouncer', 1433)),
      check: field(fc.constantFrom('/', '/primary')),
      check_port: field(fc.constant(9999)),
      check_code: field(fc.constantFrom(200, '206')),
      maxconn: field(fc.constant(100)),
      balance: field(fc.constant('leastconn')),
      options: field(fc.constant('inter 1s')),
      selector: field(fc.constantFrom('[]', "[? pg_role == 'replica']", '[1:]', 'reverse(@)', '[[0],[0]][]')),
      backup: field(fc.constantFrom('[]', '[? pg_seq > `1`]', 'nosuch')),
    },
    { requiredKeys: ['name', 'port', 'selector'] },
  ),
  { minLength: 1, maxLength: 4 },
)

const inventories = fc
  .record({ services, members: fc.integer({ min: 1, max: 4 }), leader: fc.nat({ max: 3 }) })
  .map(({ services: list, members, leader }) => {
    const hosts = Array.from({ length: members }, (_none, i) => [
      `10.10.10.${i + 11}`,
      { pg_seq: i + 1, pg_role: i === leader % members ? 'primary' : 'replica' },
    ])
    const vars = { pg_cluster: 'pg-test', pg_default_services: [], pg_services: list }
    return JSON.stringify({ all: { children: { 'pg-test': { hosts: Object.fromEntries(hosts), vars } } } })
  })

const allowed =
  /^(?:listen|bind|mode|maxconn|balance|option httpchk|option http-keep-alive|http-check send meth OPTIONS uri|http-check expect status|load-server-state-from-file local|server-state-file-name|retries 0|default-server|server) ?/

/** A section without servers has no states to load. */
function headLines(info: ServiceInfo | undefined): number {
  return info?.servers.length ? 13 : 11
}

test('a file that is published has one section, the known lines in order, and each server once', () => {
  let published = 0
  fc.assert(
    fc.property(inventories, (text) => {
      const plan = planOf(inventoryOf(text))
      for (const owner of plan.owners) {
        for (const { variants } of owner.nodes) {
          for (const { files, services: infos } of variants) {
            expect(files.map(({ name }) => name)).toEqual(infos.map(({ name }) => `${name}.cfg`).toSorted())
            for (const { name, digest } of files) {
              const lines = canonicalText(plan.blobs.get(digest) ?? '')
                .trimEnd()
                .split('\n')
              const info = infos.find((candidate) => `${candidate.name}.cfg` === name)
              published += 1
              expect(lines.every((line) => allowed.test(line))).toBe(true)
              expect(lines.filter((line) => line.startsWith('listen '))).toEqual([`listen ${info?.name}`])
              const head = headLines(info)
              expect(lines.slice(0, head)).toHaveLength(head)
              expect(lines.slice(head).map((line) => line.split(' ')[1])).toEqual(info?.servers)
              expect(new Set(info?.servers).size).toBe(info?.servers.length)
              expect(
                lines.filter((line) => line.endsWith(' backup')).map((line) => line.split(' ')[1]),
              ).toEqual(info?.backups)
            }
          }
        }
      }
    }),
    { numRuns: 300 },
  )
  // Most values are good ones: the property must not hold because everything was refused.
  expect(published).toBeGreaterThan(100)
})

test('the same inventory gives the same bytes, strict or not', () => {
  fc.assert(
    fc.property(inventories, fc.boolean(), (text, strict) => {
      const once = planOf(inventoryOf(text), { strict })
      const twice = planOf(inventoryOf(text), { strict })
      expect([...twice.blobs]).toEqual([...once.blobs])
      expect(twice.owners).toEqual(once.owners)
      expect(twice.problems).toEqual(once.problems)
    }),
    { numRuns: 100 },
  )
})

test('variant L is what an inventory with L as primary gives', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.nat({ max: 3 }),
      fc.nat({ max: 3 }),
      (members, from, to) => {
        const text = (leader: number) => {
          const hosts = Array.from({ length: members }, (_none, i) => [
            `h${i}`,
            { pg_seq: i, pg_role: i === leader % members ? 'primary' : 'replica' },
          ])
          return JSON.stringify({ all: { vars: { pg_cluster: 'c' }, hosts: Object.fromEntries(hosts) } })
        }
        const variant = filesOf(planOf(inventoryOf(text(from))), `c-${to % members}`)
        expect(variant).toEqual(filesOf(planOf(inventoryOf(text(to)))))
        expect(serversIn(variant['h0/c-primary.cfg'])).toHaveLength(members)
      },
    ),
    { numRuns: 50 },
  )
})

test('canonical text is its own canonical text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab \t#\\"\'\n\r'.split('')), maxLength: 60 }),
      (text) => {
        const once = canonicalText(text)
        expect(canonicalText(once)).toBe(once)
      },
    ),
    { numRuns: 1000 },
  )
})
