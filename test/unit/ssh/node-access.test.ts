import { expect, test } from 'vitest'
import { HostView } from '../../../controller/inventory/host-view.ts'
import { nodeAccess } from '../../../controller/ssh/node-access.ts'
import { splitWords } from '../../../controller/ssh/shell-words.ts'
import { inventoryOf } from '../../support/inventory.ts'

function access(vars: string, flags = {}) {
  const loaded = inventoryOf(`all:\n  hosts:\n    10.10.10.11: { ${vars} }\n  vars: { admin: dba }\n`)
  const host = loaded.inventory.hosts.get('10.10.10.11')
  if (!host) throw new Error('no host')
  return nodeAccess(
    new HostView(loaded.inventory, host, { defaults: loaded.defaults, keepUndefined: false }),
    flags,
  )
}

test('a node without variables is reached by its name', () => {
  expect(access('')).toEqual({
    node: '10.10.10.11',
    host: '10.10.10.11',
    sshArguments: [],
    password: undefined,
    becomePassword: undefined,
  })
})

test("Ansible's variables, templated, become arguments of ssh", () => {
  const found = access(
    `ansible_host: 10.20.0.11, ansible_port: 2222, ansible_user: "{{ admin }}", ansible_ssh_private_key_file: /keys/a b, ansible_ssh_common_args: "-o 'ProxyJump=10.10.10.10' -C", ansible_become_password: hush`,
  )
  expect(found.host).toBe('10.20.0.11')
  expect(found.sshArguments).toEqual([
    ...['-l', 'dba', '-p', '2222', '-i', '/keys/a b'],
    ...['-o', 'ProxyJump=10.10.10.10', '-C'],
  ])
  expect(found.becomePassword).toBe('hush')
})

test('the command line counts more than the inventory', () => {
  expect(access('ansible_user: a, ansible_port: 1', { user: 'b', port: '2' }).sshArguments).toEqual([
    ...['-l', 'b', '-p', '2'],
  ])
})

test.each([
  ['ansible_connection: local', 'ACCESS_UNSUPPORTED'],
  ['ansible_become_method: su', 'ACCESS_UNSUPPORTED'],
  ['ansible_become_user: postgres', 'ACCESS_UNSUPPORTED'],
  ['ansible_ssh_common_args: "10.10.10.99"', 'SSH_OPTION'],
  ['ansible_ssh_common_args: "-o ProxyJump=a -- rm"', 'SSH_OPTION'],
  ['ansible_ssh_common_args: "-o ProxyJump=a --"', 'SSH_OPTION'],
  [`ansible_ssh_common_args: "-o 'ProxyJump=a"`, 'SSH_OPTION'],
])('%s is refused with %s', (vars, code) => {
  expect(() => access(vars)).toThrow(expect.objectContaining({ code }))
})

test.each([
  [`-o A=b`, ['-o', 'A=b']],
  [`-o "A=b c" -C`, ['-o', 'A=b c', '-C']],
  [`-o 'A="b"'`, ['-o', 'A="b"']],
  [`a\\ b "c\\"d" e'f'g`, ['a b', 'c"d', 'efg']],
  ['  ', []],
])('%j is split as a shell does', (text, words) => {
  expect(splitWords(text)).toEqual(words)
})
