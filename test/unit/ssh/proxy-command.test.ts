import { expect, test } from 'vitest'
import { expandProxyCommand } from '../../../controller/ssh/proxy-command.ts'

const target = { asked: 'nick', hostName: '10.10.10.11', port: 2222, user: 'dba' }

test.each([
  ['relay %h %p', 'relay 10.10.10.11 2222'],
  ['relay %n %r@%h:%p', 'relay nick dba@10.10.10.11:2222'],
  ['date +%%s; relay %%h', 'date +%s; relay %h'],
  ['relay "%h" | tee log', 'relay "10.10.10.11" | tee log'],
])('%j becomes %j', (command, expected) => {
  expect(expandProxyCommand(command, target)).toBe(expected)
})

test.each(['relay %x', 'relay %', 'relay %d'])('%j has no token that is known', (command) => {
  expect(() => expandProxyCommand(command, target)).toThrow(/which is no token/)
})

test.each(['a;reboot', '-oProxyCommand=reboot', '$(reboot)', 'a b', 'a`reboot`', "a'", 'a|b', 'a\nb'])(
  'the name %j is given to no shell',
  (hostName) => {
    expect(() => expandProxyCommand('relay %h', { ...target, hostName })).toThrow(/a shell would take it/)
    // Where it is not asked for it does no harm.
    expect(expandProxyCommand('relay %p', { ...target, hostName })).toBe('relay 2222')
  },
)
