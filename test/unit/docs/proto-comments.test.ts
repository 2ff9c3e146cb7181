import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test.each(globSync('proto/**/*.proto', { cwd: root }))('everything in %s has its comment', (file) => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const declaration =
    /^\s*((message|enum|service|rpc)\s+\w+|(repeated\s+)?[\w.]+\s+\w+\s*=\s*\d+;|[A-Z_]+\s*=\s*\d+;)/

  const declared = lines.map((line, i) => ({ line, before: lines[i - 1] ?? '', at: i + 1 }))
  const found = declared.filter(({ line }) => declaration.test(line) && !line.startsWith('syntax'))

  expect(found.length).toBeGreaterThan(5)
  expect(found.filter(({ before }) => !before.trim().startsWith('//'))).toEqual([])
})
