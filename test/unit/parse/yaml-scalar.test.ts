import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../controller/parse/parse-yaml.ts'
import { plainScalar } from '../../../controller/parse/yaml-scalar.ts'
import { floatText } from '../../../controller/values/py-text.ts'
import { Dict, Float, Opaque, type Value } from '../../../controller/values/value.ts'

/** Python's type name and printed value. */
function pythonView(value: Value | undefined): unknown[] {
  if (value === null) return ['NoneType', null]
  if (typeof value === 'boolean') return ['bool', value]
  if (typeof value === 'number' || typeof value === 'bigint') return ['int', value]
  if (value instanceof Float) return ['float', floatText(value.value)]
  if (value instanceof Opaque) return [value.kind]
  return ['str', value]
}

test.each([
  ['yes', ['bool', true]],
  ['Off', ['bool', false]],
  ['y', ['str', 'y']],
  ['n', ['str', 'n']],
  ['tRue', ['str', 'tRue']],
  ['', ['NoneType', null]],
  ['~', ['NoneType', null]],
  ['0644', ['int', 420]],
  ['08', ['str', '08']],
  ['1_000', ['int', 1000]],
  ['0_', ['int', 0]],
  ['1:30', ['int', 90]],
  ['01:30', ['str', '01:30']],
  ['0x1F', ['int', 31]],
  ['0b11', ['int', 3]],
  ['-12', ['int', -12]],
  ['9007199254740993', ['int', 9007199254740993n]],
  ['1e3', ['str', '1e3']],
  ['1.0', ['float', '1.0']],
  ['1.5e+3', ['float', '1500.0']],
  ['-.inf', ['float', '-inf']],
  ['1:30.5', ['float', '90.5']],
  ['10.10.10.10', ['str', '10.10.10.10']],
  ['2024-01-01', ['date']],
])('plain %s is what PyYAML reads', (text, expected) => {
  expect(pythonView(plainScalar(text))).toEqual(expected)
})

test.each(['=', '<<', '0b_'])('plain %s is refused', (text) => {
  expect(() => plainScalar(text)).toThrow(SyntaxError)
})

const table = (process.env.PGSVC_CONFORMANCE ?? '')
  .split(':')
  .map((folder) => join(folder, 'tables', 'yaml-scalars.json'))
  .find((path) => existsSync(path))
const scalars: Record<string, unknown[]> =
  table === undefined ? {} : JSON.parse(readFileSync(table, 'utf8')).scalars

describe.runIf(table !== undefined)('scalars read as PyYAML reads them', () => {
  test.each(Object.entries(scalars))('k: %s', (text, expected) => {
    const run = () => parseYaml('test.yml', `k: ${text}\n`).value

    if (expected[0] === 'ERR') {
      expect(run).toThrow()
      return
    }
    const root = run()
    const seen = pythonView(root instanceof Dict ? root.get('k') : undefined)
    expect(seen[0] === 'date' ? ['date', expected[1]] : seen).toEqual(expected)
  })
})
