import { expect, test } from 'vitest'
import { notFollowed } from '../../../controller/enroll/ansible-config.ts'

test('what leads elsewhere or lets somebody else in is told with its place', () => {
  const text = `[defaults]
inventory = pigsty.yml
remote_user = dba
host_key_checking = False
[privilege_escalation]
become_method = sudo
become_user: postgres
[ssh_connection]
ssh_args = -C -o ControlMaster=auto -oControlPersist=60s -o ProxyJump=jump
pipelining = True
`
  expect(notFollowed('/p/ansible.cfg', text)).toEqual(
    [
      ['3', 'remote_user'],
      ['7', 'become_user'],
      ['9', 'ssh_args'],
    ].map(([line, key]) => expect.stringMatching(`^/p/ansible.cfg:${line}: ${key} is not followed: `)),
  )
})

test.each([
  '',
  '[defaults]\ninventory = pigsty.yml\nhost_key_checking = False\n#remote_user = dba\n',
  '[ssh_connection]\nssh_args = -C -o ControlMaster=auto -o ControlPersist=60s ; kept open\nremote_user = x\n',
  '[privilege_escalation]\nbecome = True\nbecome_method = sudo\nbecome_user = root\n',
])('nothing is said of %j', (text) => expect(notFollowed('ansible.cfg', text)).toEqual([]))
