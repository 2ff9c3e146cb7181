import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const doc = readFileSync(join(root, 'docs/faults.md'), 'utf8')

test('every code of the agent is explained', () => {
  const sources = globSync('agent/**/*.ts', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  )
  const codes = sources.flatMap((text) =>
    [...text.matchAll(/(?:code: |\? |: |AppError\()'([A-Z]+(?:_[A-Z]+)+)'/g)].map((match) => match[1]),
  )

  const unexplained = [...new Set(codes)]
    .filter((code) => !code?.startsWith('CHANGE_'))
    .filter((code) => !doc.includes(`\`${code}\``))
  expect(codes.length).toBeGreaterThan(20)
  expect(unexplained).toEqual([])
})
