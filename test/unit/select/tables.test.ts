/** Every line of the table of python-jmespath's answers, when the corpus is at hand. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../../controller/parse/literal.ts'
import type { Datum } from '../../../controller/select/datum.ts'
import { evaluate } from '../../../controller/select/evaluate.ts'
import { toJson } from '../../../controller/select/json-text.ts'
import { parse } from '../../../controller/select/parser.ts'
import { Dict, isList, type Value } from '../../../controller/values/value.ts'

const table = (process.env.PGSVC_CONFORMANCE ?? '')
  .split(':')
  .map((folder) => join(folder, 'tables', 'jmespath.json'))
  .find((path) => existsSync(path))
const content = table === undefined ? new Dict() : (parseJson(readFileSync(table, 'utf8')) ?? null)

function entry(value: Value | undefined, key: string): Value | undefined {
  return value instanceof Dict ? value.get(key) : undefined
}

const list = entry(content, 'cases')
const cases = isList(list) ? list : []

/** Order of keys does not matter; 1 and 1.0 are told apart. */
function sorted(datum: Datum): Datum {
  if (datum instanceof Map) {
    const entries = [...(datum as ReadonlyMap<string, Datum>)].map(
      ([key, item]) => [key, sorted(item)] as const,
    )
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return Array.isArray(datum) ? datum.map(sorted) : datum
}

describe.skipIf(table === undefined)('selectors answer as python-jmespath does', () => {
  test('the table is not empty', () => expect(cases.length).toBeGreaterThan(60))

  test.each(cases.map((item) => [String(entry(item, 'expression')), item] as const))(
    '%s',
    (expression, item) => {
      const run = () =>
        toJson(sorted(evaluate(parse(expression), entry(content, 'data') ?? null, { textKeys: true })))

      const result = entry(item, 'result')
      if (entry(item, 'error') !== undefined) expect(run).toThrow()
      else expect(run()).toBe(toJson(sorted(result ?? null)))
    },
  )
})
