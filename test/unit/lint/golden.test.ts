/** What lint says of the corpus that this project carries: code and place of every finding. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lint } from '../../../controller/lint/lint.ts'
import { readInventory } from '../../../controller/reader/read-inventory.ts'

const corpus = join(import.meta.dirname, '../../conformance')

/** `severity code line`, by case; a case that is not named here has no finding. */
const expected: Readonly<Record<string, readonly string[]>> = {
  cli: ['warning SELECTOR_EMPTY 14'],
  // Pigsty leaves a weight of 256 out in silence.
  delegated: ['error WEIGHT_RANGE 17', 'warning VIP_NOT_HELD 18'],
  'provider-missing': ['warning PROVIDER_UNKNOWN 11', 'warning PROVIDER_EMPTY 18'],
  // The seed's standby service: a primary never passes /sync.
  'seed-order': ['warning BACKUP_NEVER_PASSES 21'],
  'seed-pg-test-v3.5.0': ['warning BACKUP_NEVER_PASSES 18'],
  'seed-pg-test-v4.5.0': ['warning BACKUP_NEVER_PASSES 18'],
}

const cases = readdirSync(corpus).filter(
  (name) => existsSync(join(corpus, name, 'case.yml')) && !name.startsWith('legacy-'),
)

test.each(cases)('%s', async (name) => {
  const loaded = await readInventory({
    inventory: join(corpus, name, 'inventory', 'pigsty.yml'),
    defaults: join(corpus, name, 'defaults.yml'),
  })

  const findings = lint(loaded).filter(({ strict }) => !strict)

  expect(findings.map(({ severity, code, at }) => `${severity} ${code} ${at?.line}`)).toEqual(
    expected[name] ?? [],
  )
})

const elsewhere = (process.env.PGSVC_CONFORMANCE ?? '').split(':').filter((folder) => folder !== '')
const others = elsewhere.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /^(?:demo|ha|seed|legacy)-|^(?:meta|rich)$/.test(name))
    .map((name) => join(folder, name)),
)

test.runIf(others.length > 0)("Pigsty's own examples have no error", async () => {
  for (const path of others) {
    const loaded = await readInventory({
      inventory: join(path, 'inventory', 'pigsty.yml'),
      defaults: join(path, 'defaults.yml'),
    })
    const errors = lint(loaded).filter(({ severity, strict }) => severity === 'error' && !strict)
    expect({ path, errors }).toEqual({ path, errors: [] })
  }
})
