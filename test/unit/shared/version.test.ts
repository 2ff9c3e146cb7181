import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../../../shared/version.ts'

test('programs and package have one version', () => {
  const manifest: { version?: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'),
  )
  expect(manifest.version).toBe(version)
})
