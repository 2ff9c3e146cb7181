import { expect, test } from 'vitest'
import { parseIdentity } from '../../../shared/pki/identity.ts'

test.each([
  ['URI:pgsvc://node/10.10.10.11, DNS:10.10.10.11', { kind: 'node', name: '10.10.10.11' }],
  ['DNS:a, URI:pgsvc://node/fd00::11', { kind: 'node', name: 'fd00::11' }],
  ['URI:pgsvc://operator/ann', { kind: 'operator', name: 'ann', role: 'publish' }],
  ['URI:pgsvc://operator/ann, URI:pgsvc://role/read', { kind: 'operator', name: 'ann', role: 'read' }],
  [
    'URI:pgsvc://role/administer, URI:pgsvc://operator/a',
    { kind: 'operator', name: 'a', role: 'administer' },
  ],
  ['URI:pgsvc://controller, DNS:pgsvc-controller', { kind: 'controller' }],
])('%s says who it is', (names, identity) => {
  expect(parseIdentity(names)).toEqual(identity)
})

test.each([
  ['no name of ours', 'DNS:10.10.10.11'],
  ['nothing', ''],
  ['two names', 'URI:pgsvc://node/a, URI:pgsvc://node/b'],
  ['an unknown kind', 'URI:pgsvc://root/a'],
  ['no name after the kind', 'URI:pgsvc://node/'],
  ['a path in the name', 'URI:pgsvc://node/a/b'],
  ['a name hidden in a quoted one', 'DNS:"x, URI:pgsvc://node/a, y"'],
  ['a name hidden behind an escaped quote', 'DNS:"x\\", URI:pgsvc://node/a, \\"y"'],
  ['an unknown role', 'URI:pgsvc://operator/ann, URI:pgsvc://role/root'],
  ['two roles', 'URI:pgsvc://operator/ann, URI:pgsvc://role/read, URI:pgsvc://role/administer'],
  ['a node with a role', 'URI:pgsvc://node/n1, URI:pgsvc://role/administer'],
  ['a controller with a role', 'URI:pgsvc://controller, URI:pgsvc://role/administer'],
  ['a role and nobody', 'URI:pgsvc://role/administer'],
  ['another scheme', 'URI:https://node/a'],
])('%s is nobody', (_what, names) => {
  expect(parseIdentity(names)).toBeUndefined()
})
