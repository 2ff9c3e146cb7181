import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../controller/inventory/parse-yaml.ts'
import { Dict, Opaque, type Value } from '../../../controller/inventory/value.ts'
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
    ['! 5', '5'],
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

test.each(['a: [1, 2', 'a: b: c', '\tx: 1', 'a: *nowhere', '&a [*a]', 'a: =', '---\na: 1\n---\nb: 2\n'])(
  '%j is refused',
  (text) => {
    expect(() => load(text)).toThrow(expect.objectContaining({ code: 'INVENTORY_INVALID' }))
  },
)

test('an empty file is null', () => {
  expect(load('')).toBeNull()
  expect(load('# nothing\n')).toBeNull()
})
