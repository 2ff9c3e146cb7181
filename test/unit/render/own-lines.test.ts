import { expect, test } from 'vitest'
import type { Listen } from '../../../controller/render/listen.ts'
import { withoutRetries, withServerStates } from '../../../controller/render/own-lines.ts'
import { clusterText, filesOf, inventoryOf, planOf } from '../../support/inventory.ts'

const listen: Listen = {
  name: 'pg-test-primary',
  bind: '*:5433',
  mode: 'tcp',
  maxconn: '5000',
  balance: 'roundrobin',
  options: ['option httpchk'],
  defaultServer: 'inter 2s',
  servers: ['a 10.0.0.1:5432 check port 8008'],
}

const stateLines = [
  'load-server-state-from-file local',
  'server-state-file-name /run/pgsvc/server-state/pg-test-primary',
]

test('a section with checked servers loads their states from a file of its own', () => {
  expect(withServerStates(listen).options).toEqual(['option httpchk', ...stateLines])
})

test.each<[string, Partial<Listen>]>([
  ['nothing is checked', { servers: ['a 10.0.0.1:5432 cookie checks'] }],
  ['its author has chosen already', { options: ['load-server-state-from-file none'] }],
  ['its name is no file name', { name: '..' }],
  ['its name is a path', { name: 'a:b/c' }],
])('a section keeps its lines when %s', (_why, change) => {
  expect(withServerStates({ ...listen, ...change }).options).toEqual(change.options ?? listen.options)
})

test('a section of PostgreSQL connects once', () => {
  expect(withoutRetries(listen).options).toEqual(['option httpchk', 'retries 0'])
})

test.each([
  [false, ['retries 0', ...stateLines]],
  [true, []],
])('strict: %s', (strict, own) => {
  const file =
    filesOf(planOf(inventoryOf(clusterText()), { strict }))['10.10.10.11/pg-test-primary.cfg'] ?? ''
  const found = file.split('\n').filter((line) => /server-state|retries/.test(line))
  expect(found.map((line) => line.trim())).toEqual(own)
})
