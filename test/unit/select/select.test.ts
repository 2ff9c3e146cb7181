import { describe, expect, test } from 'vitest'
import { parseJson } from '../../../controller/parse/literal.ts'
import { Row } from '../../../controller/select/datum.ts'
import { evaluate } from '../../../controller/select/evaluate.ts'
import { toJson } from '../../../controller/select/json-text.ts'
import { parse } from '../../../controller/select/parser.ts'
import { asRows, search } from '../../../controller/select/select.ts'
import type { Value } from '../../../controller/values/value.ts'

const members: readonly Readonly<Record<string, Value>>[] = [
  { h: 'h1', pg_seq: 1, pg_role: 'primary', pg_weight: 100, tags: ['a', 'b'], flag: true },
  { h: 'h2', pg_seq: 2, pg_role: 'replica' },
  { h: 'h3', pg_seq: 3, pg_role: 'replica', pg_weight: 10, pg_offline_query: true, constructor: 'own' },
]
const rows = members.map(
  (member) => new Row((name) => (Object.hasOwn(member, name) ? member[name] : undefined)),
)

function pick(expression: string): string {
  return (asRows(search(expression, rows, { textKeys: true })) ?? [])
    .map((row) => String(row.get('h')))
    .join(' ')
}

describe('selectors give members', () => {
  test.each([
    ['[]', 'h1 h2 h3'],
    ['@', 'h1 h2 h3'],
    ['[? pg_role == `replica`]', 'h2 h3'],
    ['[? pg_role == "replica"]', ''],
    ["[? @.pg_role == 'replica']", 'h2 h3'],
    ["[? starts_with(@.pg_role, 'rep')]", 'h2 h3'],
    ['[? pg_role == `replica` && !pg_offline_query]', 'h2'],
    ['[? pg_role == `offline` || pg_offline_query ]', 'h3'],
    // A member without the variable has no order.
    ['[? pg_weight < `50`]', 'h3'],
    ['[? flag > `0`]', ''],
    ['[? pg_weight == `null`]', 'h2'],
    ['[? toString || constructor]', 'h3'],
    ['[::-1]', 'h3 h2 h1'],
    ['[1:]', 'h2 h3'],
    ['[-2:]', 'h2 h3'],
    ['sort_by(@, &pg_role)', 'h1 h2 h3'],
    ['reverse(sort_by(@, &pg_seq))', 'h3 h2 h1'],
    ['[[1],[0]][]', 'h2 h1'],
    ["[? contains(['h1', 'h3'], h)]", 'h1 h3'],
  ])('%s gives %s', (expression, expected) => {
    expect(pick(expression)).toBe(expected)
  })

  test('what comes out is the very member that went in', () => {
    expect(asRows(search('[? pg_seq == `2`]', rows, { textKeys: true }))?.[0]).toBe(rows[1])
  })

  test.each(['[0]', '[].h', '*', 'nosuch', '`1`', '[].{h: h}'])('%s does not', (expression) => {
    expect(asRows(search(expression, rows, { textKeys: true })) ?? []).toEqual([])
  })

  test.each([
    ['[? pg_seq > `"1"`]', 'SELECTOR_FAILED'],
    ['keys([0])', 'SELECTOR_FAILED'],
    ['length([0])', 'SELECTOR_FAILED'],
    ['[? contains(tags, `a`)]', 'SELECTOR_FAILED'],
    ['nosuch(@)', 'SELECTOR_FAILED'],
    ['sort_by(@)', 'SELECTOR_FAILED'],
    ['[?', 'SELECTOR_INVALID'],
    ['[? pg_role = `a`]', 'SELECTOR_INVALID'],
    ['', 'SELECTOR_INVALID'],
    ['[? pg_role == `a]', 'SELECTOR_INVALID'],
    ['a b', 'SELECTOR_INVALID'],
    ['('.repeat(1000), 'SELECTOR_INVALID'],
  ])('%s is %s', (expression, code) => {
    expect(() => search(expression, rows, { textKeys: true })).toThrow(expect.objectContaining({ code }))
  })

  test('inside Ansible text is no key to sort by', () => {
    expect(() => search('sort_by(@, &pg_role)', rows, { textKeys: false })).toThrow(/cannot order by string/)
    expect(asRows(search('sort_by(@, &pg_seq)', rows, { textKeys: false }))).toEqual(rows)
  })

  test.each([
    ['[? a ~ b]', '~ is not expected, at character 6'],
    ['[? a = b]', '= compares nothing, at character 6'],
    ['[? a == b', 'it ends too early: ] is missing, at character 10'],
    ['[? a == b }', '} is not expected, but ], at character 11'],
    ['[? a == ', 'it ends too early, at character 9'],
  ])('a fault in %s says where and what', (expression, message) => {
    expect(() => search(expression, rows, { textKeys: true })).toThrow(`selector ${expression}: ${message}`)
  })

  test('who writes = is told to write ==', () => {
    const hint = expect.stringContaining('write ==')
    expect(() => search('[? a = b]', rows, { textKeys: true })).toThrow(expect.objectContaining({ hint }))
  })
})

const data = parseJson(
  '{"o": {"z": 1, "10": 2, "9": 3}, "n": [3, 1, 2], "t": ["é", "z", "ﬀ", "😀"], "f": 1.0, "big": 9007199254740993}',
)

describe('functions and literals', () => {
  test.each([
    ['`null`', 'null'],
    ['`primary`', '"primary"'],
    ['`1.0`', '1.0'],
    ['`{"b": 1, "a": [true]}`', '{"b":1,"a":[true]}'],
    ['keys(o)', '["z","10","9"]'],
    ['o.*', '[1,2,3]'],
    ['values(o)', '[1,2,3]'],
    ['big', '9007199254740993'],
    ['to_string(f)', '"1.0"'],
    ['sort(n)', '[1,2,3]'],
    ['sort(t)', '["z","\\u00e9","\\ufb00","\\ud83d\\ude00"]'],
    ['max(n)', '3'],
    ['min(n)', '1'],
    ['sum(n)', '6'],
    ['sum([f, `1`])', '2.0'],
    ['avg(n)', '2.0'],
    ['avg(`[]`)', 'null'],
    ['max(`[]`)', 'null'],
    ['abs(`-1.5`)', '1.5'],
    ['ceil(`1.5`)', '2'],
    ['floor(`-1.5`)', '-2'],
    ['length(t[3])', '1'],
    ["join('-', t[1:2])", '"z"'],
    ['merge(o, `{"z": 9}`)', '{"z":9,"10":2,"9":3}'],
    ['not_null(nope, n[0])', '3'],
    ["reverse('ab')", '"ba"'],
    ["to_number('0x10')", 'null'],
    ["to_number(' 1_0 ')", '10'],
    ["to_number('1e3')", '1000.0'],
    ['to_array(f)', '[1.0]'],
    ['type(n)', '"array"'],
    ['map(&@, n)', '[3,1,2]'],
    ['max_by([o], &z)', '{"z":1,"10":2,"9":3}'],
    ["ends_with('abc', 'bc')", 'true'],
    ['!`0`', 'false'],
    ['`1` == `true`', 'false'],
    ['`1` == f', 'true'],
    ['[n, [n]][]', '[3,1,2,[3,1,2]]'],
    ["'it\\'s'", '"it\'s"'],
    ['n | [0]', '3'],
    ['{a: f, b: nope}', '{"a":1.0,"b":null}'],
  ])('%s is %s', (expression, expected) => {
    expect(toJson(evaluate(parse(expression), data ?? null, { textKeys: true }))).toBe(expected)
  })
})
