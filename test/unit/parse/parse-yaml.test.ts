import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../controller/parse/parse-yaml.ts'
import { Dict, Float, Opaque, type Value } from '../../../controller/values/value.ts'
import { inventoryOf, valueIn } from '../../support/inventory.ts'

function load(text: string): Value {
  return parseYaml('test.yml', text).value
}

function entries(value: Value | undefined): unknown {
  return value instanceof Dict ? [...value] : value
}

describe('mappings', () => {
  test('own keys win over merged ones, wherever << stands', () => {
    const root = load('base: &b { a: 1, b: 2 }\nuse: { b: 3, <<: *b }\n')
    expect(root instanceof Dict && entries(root.get('use'))).toEqual([
      ['a', 1],
      ['b', 3],
    ])
  })

  test('of a list of merged mappings the first wins, of two << the last', () => {
    expect(
      load('<<: [{ a: 1 }, { a: 2 }]') instanceof Dict && entries(load('<<: [{ a: 1 }, { a: 2 }]')),
    ).toEqual([['a', 1]])
    expect(entries(load('{ <<: { a: 1 }, <<: { a: 2 } }'))).toEqual([['a', 2]])
  })

  test('a key that stands twice counts as it stands last, with a warning', () => {
    const { value, warnings } = parseYaml('test.yml', 'a: 1\nb: 2\na: 3\n')
    expect(entries(value)).toEqual([
      ['a', 3],
      ['b', 2],
    ])
    expect(warnings).toEqual([
      {
        code: 'DUPLICATE_KEY',
        message: expect.stringContaining('a stands twice'),
        at: { file: 'test.yml', line: 3, column: 1 },
      },
    ])
  })

  test('keys keep their types: y is text, yes is true, 10 is a number', () => {
    expect(entries(load('{ y: 1, yes: 2, 10: 3 }'))).toEqual([
      ['y', 1],
      [true, 2],
      [10, 3],
    ])
  })

  test('each value knows its place', () => {
    const root = load('a:\n  b: 5433\n')
    const inner = root instanceof Dict ? root.get('a') : undefined
    const spot = inner instanceof Dict ? inner.spots.get('b') : undefined
    expect(spot?.source.linePos(spot.offset)).toEqual({ line: 2, col: 6 })
  })
})

describe('tags', () => {
  test.each([
    ['!!str 5433', '5433'],
    ['!!int "0644"', 420],
    ['!!bool "yes"', true],
    ['!!null ""', null],
    ['! 5', 5],
    ["! '5'", '5'],
    ['! ', ''],
  ])('%s is %j', (text, expected) => {
    expect(load(text)).toBe(expected)
  })

  test('an unknown tag refuses the file with its place', () => {
    expect(() => load('a: !mine 5')).toThrow(
      expect.objectContaining({
        code: 'INVENTORY_INVALID',
        at: { file: 'test.yml', line: 1, column: expect.any(Number) },
      }),
    )
  })

  test('!unsafe text is not templated', () => {
    const loaded = inventoryOf('all: { hosts: { h: { v: !unsafe "{{ x }}" } } }')
    expect(valueIn(loaded, 'h', 'v')).toEqual(new Opaque('unsafe', '{{ x }}'))
  })

  test('a !vault value is an error only for those who need it', () => {
    const loaded = inventoryOf(
      'all: { hosts: { h: { secret: !vault "$ANSIBLE_VAULT;1.1;AES256 00", v: 1 } } }',
    )
    expect(valueIn(loaded, 'h', 'v')).toBe(1)
    expect(() => valueIn(loaded, 'h', 'secret')).toThrow(expect.objectContaining({ code: 'VAULT_VALUE' }))
  })
})

test.each([
  'a: [1, 2',
  'a: b: c',
  '\tx: 1',
  'a: *nowhere',
  '&a [*a]',
  'a: =',
  '---\na: 1\n---\nb: 2\n',
  'a: [?x]',
  '2024-01-01: a',
  '1.0: a',
  'a: 2024-02-30',
  'a: 1\u2028b: 2',
  'a: \u0007',
  'a: \ufeffb',
  'a: !unsafe [[x]]',
  'a: !!python/none x',
  '[a]: 1',
  'a: &x 1\n*x : 2\nb: *y',
])('%j is refused', (text) => {
  expect(() => load(text)).toThrow(expect.objectContaining({ code: 'INVENTORY_INVALID' }))
})

test('an empty file is null', () => {
  expect(load('')).toBeNull()
  expect(load('# nothing\n')).toBeNull()
})

describe('as PyYAML has it, where YAML libraries differ', () => {
  test.each([
    ['a: [\n  1,\n]\n', [1]],
    ['a: {\n}\n', []],
    ['a:\n  - [\n    1\n  ]\n', [[1]]],
    ['x:\n  a: [\n    1,\n  ]\n\na: 1', 1],
    ['a: |\n  text', 'text'],
    ['a: |\n  text\n', 'text\n'],
    ['a: |+\n  text\n\n', 'text\n\n'],
    ['a: >-\n  two\n  lines\n', 'two lines'],
    ['a: [10.0.0.1:5433, http://x/y]', ['10.0.0.1:5433', 'http://x/y']],
    ['a: x#y # note', 'x#y'],
    ['\ufeffa: 1', 1],
    ['a: 1\r\nb: 2\r\n', 1],
    ['%YAML 1.1\n---\na: yes\n...\n', true],
    ['a: "\\x41\\u00e9\\/"', 'Aé/'],
    ['b: &x [1]\na: *x\n', [1]],
    ['a: &x 1\nb: *x\n', 1],
    ['a: "two\n  lines"', 'two lines'],
  ])('%j', (text, expected) => {
    const root = load(text)
    const value = root instanceof Dict ? root.get('a') : undefined
    expect(value instanceof Dict ? [...value] : value).toEqual(expected)
  })

  test('what is merged keeps its text as it is, whatever the tag of the mapping', () => {
    expect(entries(load('<<: !unsafe { a: x }'))).toEqual([['a', 'x']])
  })
})

describe('a file that is JSON', () => {
  test('is read by the rules of JSON, as Ansible does', () => {
    expect(load('{ "a": 1e3 }')).toEqual(new Dict([['a', new Float(1000)]]))
    expect(entries(load('{ "a": 1e3, }'))).toEqual([['a', '1e3']])
    expect(entries(load('{ "a": 1, "a": 2 }'))).toEqual([['a', 2]])
  })

  test('knows its places as well', () => {
    const root = load('{\n  "a": 5 }')
    const spot = root instanceof Dict ? root.spots.get('a') : undefined
    expect(spot?.source.linePos(spot.offset)).toEqual({ line: 2, col: 8 })
  })
})

test.each([
  ['a:\n\t- b\n', 'YAML takes no tabs'],
  ['a: "b\n', 'not closed'],
  ['a: [1\n', 'not closed'],
  ['a: b: c\n', 'needs quotes'],
  ['a: @b\n', 'needs quotes'],
])('%j is refused with what is usually wrong there', (text, hint) => {
  expect(() => parseYaml('test.yml', text)).toThrow(
    expect.objectContaining({ code: 'INVENTORY_INVALID', hint: expect.stringContaining(hint) }),
  )
})
