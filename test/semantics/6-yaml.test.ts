/** YAML 1.1 as Ansible loads it. Section 6 of the observations. */
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../controller/parse/parse-yaml.ts'
import { pyRepr } from '../../controller/values/py-text.ts'
import { Dict, Opaque, type Value } from '../../controller/values/value.ts'
import { clusterText, filesOf, inventoryOf, planOf, valueIn } from '../support/inventory.ts'

const load = (text: string): Value => parseYaml('test.yml', text).value

/** The value of the only key, as Python prints it. */
function printed(scalar: string): string {
  const root = load(`k: ${scalar}\n`)
  return pyRepr((root instanceof Dict ? root.get('k') : undefined) ?? null)
}

describe('scalars', () => {
  test.each([
    'y',
    'n',
    'Y',
    'N',
    '08',
    '09',
    '01:30',
    '1:60',
    '1e3',
    '1e+3',
    '1.5e3',
    '0X1F',
    '0o17',
    '1.2.3.4',
  ])('%s is text', (text) => {
    expect(printed(text)).toBe(`'${text}'`)
  })

  test.each([
    ['yes', 'True'],
    ['On', 'True'],
    ['no', 'False'],
    ['OFF', 'False'],
    ['', 'None'],
    ['~', 'None'],
    ['NULL', 'None'],
    ['0644', '420'],
    ['012', '10'],
    ['1:30', '90'],
    ['1:30:00', '5400'],
    ['1_000', '1000'],
    ['0b11', '3'],
    ['0x1F', '31'],
    ['0_', '0'],
    ['+0', '0'],
    ['1.0', '1.0'],
    ['.5', '0.5'],
    ['1.5e+3', '1500.0'],
    ['.inf', 'inf'],
    ['-.INF', '-inf'],
    ['.nan', 'nan'],
    ['18446744073709551617', '18446744073709551617'],
    ['"5432"', "'5432'"],
  ])('%s prints as %s', (text, expected) => {
    expect(printed(text)).toBe(expected)
  })

  test.each(['=', '<<', '0b_', '2024-13-01'])('%s refuses the file, with its place', (text) => {
    expect(() => load(`a: 1\nk: ${text}\n`)).toThrow(
      expect.objectContaining({
        code: 'INVENTORY_INVALID',
        at: { file: 'test.yml', line: 2, column: 4 },
      }),
    )
  })
})

describe('merge keys', () => {
  const base = 'base: &b { x: 1, y: 2 }\nother: &o { x: 3, z: 4 }\n'
  test.each([
    ['{ <<: *b }', { x: 1, y: 2 }],
    ['{ <<: *b, x: 9 }', { x: 9, y: 2 }],
    ['{ x: 9, <<: *b }', { x: 9, y: 2 }],
    ['{ <<: [*b, *o] }', { x: 1, y: 2, z: 4 }],
    ['{ <<: [*o, *b] }', { x: 3, y: 2, z: 4 }],
    ['{ <<: *b, <<: *o }', { x: 3, y: 2, z: 4 }],
  ])('%s', (text, expected) => {
    const root = load(`${base}use: ${text}\n`)
    const use = root instanceof Dict ? root.get('use') : undefined
    expect(use instanceof Dict ? Object.fromEntries(use) : use).toEqual(expected)
  })

  test.each(['5', '[1]', 'text'])('%s cannot be merged', (text) => {
    expect(() => load(`<<: ${text}`)).toThrow(/merged/)
  })
})

test('of a key that stands twice the last counts, and a warning names the place', () => {
  const loaded = inventoryOf('all:\n  hosts:\n    h:\n      v: 1\n      v: 2\n')
  expect(valueIn(loaded, 'h', 'v')).toBe(2)
  expect(loaded.warnings).toEqual([
    expect.objectContaining({ code: 'DUPLICATE_KEY', at: { file: 'pigsty.yml', line: 5, column: 7 } }),
  ])
})

describe('tags', () => {
  test('cipher text is a failure for those who need it, and for nobody else', () => {
    const secret = 'secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132'
    expect(planOf(inventoryOf(clusterText(secret))).problems).toEqual([])
    const needed = planOf(
      inventoryOf(clusterText(`pg_default_service_dest: !vault "$ANSIBLE_VAULT;1.1;AES256 31"`)),
    )
    expect(needed.problems.map(({ code }) => code)).toContain('VAULT_VALUE')
  })

  test('text that is unsafe is not templated', () => {
    const loaded = inventoryOf('all: { hosts: { h: { v: !unsafe "{{ 1 + 1 }}", w: "{{ 1 + 1 }}" } } }')
    expect(valueIn(loaded, 'h', 'v')).toEqual(new Opaque('unsafe', '{{ 1 + 1 }}'))
    expect(valueIn(loaded, 'h', 'w')).not.toEqual('{{ 1 + 1 }}')
  })

  test.each(['!mine x', '!!python/object:os.system {}', '!include x.yml', '!mine [1]'])(
    '%s refuses the file',
    (text) => {
      expect(() => load(`a: ${text}`)).toThrow(expect.objectContaining({ code: 'INVENTORY_INVALID' }))
    },
  )
})

test('a date in a service is a fault of that cluster, elsewhere it is none', () => {
  const inService = 'pg_services: [{ name: s, port: 5440, selector: "[]", options: 2024-01-01 }]'
  expect(planOf(inventoryOf(clusterText('born: 2024-01-01'))).problems).toEqual([])
  const plan = planOf(inventoryOf(clusterText(inService)))
  expect(Object.keys(filesOf(plan))).not.toContain('10.10.10.11/pg-test-s.cfg')
  expect(plan.problems.some(({ severity }) => severity === 'error')).toBe(true)
})

test('keys keep their types', () => {
  const root = load('{ 1: a, yes: b, y: c, ~: d, "1": e, 1.5: f, 0x10: g }')
  expect(root instanceof Dict ? [...root.keys()] : root).toEqual([1, true, 'y', null, '1', 1.5, 16])
})
