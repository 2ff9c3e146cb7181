/**
 * The public JMESPath compliance suite, as far as a package at hand carries it.
 *
 * It is never copied: it is read from an installed package, or from the folder that PGSVC_JMESPATH_SUITE names.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../../controller/parse/literal.ts'
import type { Datum } from '../../../controller/select/datum.ts'
import { evaluate } from '../../../controller/select/evaluate.ts'
import { toJson } from '../../../controller/select/json-text.ts'
import { parse } from '../../../controller/select/parser.ts'
import { Dict, isList, type Value } from '../../../controller/values/value.ts'

const packaged = join(import.meta.dirname, '../../../node_modules/jmespath-suite/test/compliance')
const folder = [process.env.PGSVC_JMESPATH_SUITE ?? '', packaged].find((path) => existsSync(path))

interface Case {
  readonly title: string
  readonly given: Value
  readonly expression: string
  readonly expected: Value | undefined
}

function casesOf(file: string): Case[] {
  const groups = parseJson(readFileSync(join(folder ?? '', file), 'utf8'))
  if (!isList(groups)) throw new Error(`${file} is no list`)
  return groups.flatMap((group) => {
    const cases = group instanceof Dict ? group.get('cases') : undefined
    const given = group instanceof Dict ? (group.get('given') ?? null) : null
    return (isList(cases) ? cases : []).flatMap((item, i) => {
      if (!(item instanceof Dict)) return []
      const expression = String(item.get('expression'))
      const expected = item.has('error') ? undefined : (item.get('result') ?? null)
      return [{ title: `${file} ${i}: ${expression}`, given, expression, expected }]
    })
  })
}

/** The order of keys means nothing; 1 and 1.0 are equal in JSON. */
function plain(datum: Datum): unknown {
  return JSON.parse(toJson(sorted(datum)))
}

function sorted(datum: Datum): Datum {
  if (datum instanceof Map) {
    // Data of this suite are plain mappings.
    const entries = [...(datum as ReadonlyMap<string, Datum>)].map(
      ([key, item]) => [key, sorted(item)] as const,
    )
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return Array.isArray(datum) ? datum.map(sorted) : datum
}

describe.skipIf(folder === undefined)('the public compliance suite', () => {
  const all =
    folder === undefined
      ? []
      : readdirSync(folder)
          .filter((file) => file.endsWith('.json'))
          .flatMap(casesOf)

  test('has its hundreds of cases', () => expect(all.length).toBeGreaterThan(800))

  test.each(all.map((item) => [item.title, item] as const))(
    '%s',
    (_title, { given, expression, expected }) => {
      const run = () => plain(evaluate(parse(expression), given, { textKeys: true }))

      if (expected === undefined) expect(run).toThrow()
      else expect(run()).toEqual(plain(expected))
    },
  )
})
