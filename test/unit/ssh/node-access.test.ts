import { expect, test } from 'vitest'
import { HostView } from '../../../controller/inventory/host-view.ts'
import { nodeAccess } from '../../../controller/ssh/node-access.ts'
import { asRoot } from '../../../controller/ssh/root-shell.ts'
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
    passwordProblem: undefined,
    become: { password: undefined, options: [], isForbidden: false },
  })
})

test("Ansible's variables, templated, become arguments of ssh", () => {
  const found = access(
    `ansible_host: 10.20.0.11, ansible_port: 2222, ansible_user: "{{ admin }}", ansible_ssh_private_key_file: /keys/a b, ansible_ssh_common_args: "-o 'ProxyJump=10.10.10.10' -C", ansible_become_password: hush`,
  )
  expect(found.host).toBe('10.20.0.11')
  expect(found.sshArguments).toEqual([
    ...['-p', '2222', '-i', '/keys/a b', '-l', 'dba'],
    ...['-o', 'ProxyJump=10.10.10.10', '-C'],
  ])
  expect(found.become).toMatchObject({ password: 'hush', from: 'ansible_become_password' })
})

test('the command line counts more than the inventory', () => {
  expect(access('ansible_user: a, ansible_port: 1', { user: 'b', port: '2' }).sshArguments).toEqual([
    ...['-l', 'b', '-p', '2'],
  ])
})

test('what cannot be read of a password is kept for when it is missed, and the command line needs none of it', () => {
  const vaulted =
    'ansible_user: dba, ansible_become_password: !vault secret, ansible_password: "{{ nobody }}"'
  const found = access(vaulted)
  expect(found.become.password).toBeUndefined()
  expect(found.become.problem).toMatch(
    /^ansible_become_password \(\S+:3:\d+\) is encrypted by ansible-vault, which is not opened here$/,
  )
  expect(found.passwordProblem).toMatch(/^ansible_password \(.*\) cannot be evaluated here: .*nobody/)
  const said = access(vaulted, { become: { password: 'hush', from: '--ask-become-pass' } })
  expect(said.become).toMatchObject({ password: 'hush', from: '--ask-become-pass', problem: undefined })
})

test('further options of ssh and sudo are followed in the order of Ansible', () => {
  const found = access(
    'ansible_user: a, ansible_ssh_args: "-C -o ControlMaster=auto", ansible_ssh_common_args: "-o A=b", ansible_become_flags: "-H -S -n -r sysadm_r", ansible_become_exe: /usr/local/bin/sudo',
    { port: '2' },
  )
  expect(found.sshArguments).toEqual([
    ...['-p', '2', '-C', '-o', 'ControlMaster=auto', '-l', 'a', '-o', 'A=b'],
  ])
  expect(found.become).toMatchObject({
    options: ['-r', 'sysadm_r'],
    program: '/usr/local/bin/sudo',
    isForbidden: false,
  })
  expect(asRoot('a', 'mark', found.become, 'true')).toMatch(
    /^\/usr\/local\/bin\/sudo -n -H -r sysadm_r -u root sh -c /,
  )
  expect(access('ansible_become: false').become.isForbidden).toBe(true)
})

test.each([
  ['ansible_ssh_executable: /opt/ssh', 'ACCESS_UNSUPPORTED'],
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
