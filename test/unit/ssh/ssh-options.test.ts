import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { askSsh } from '../../../controller/ssh/ask-ssh.ts'
import { parseSshOptions } from '../../../controller/ssh/ssh-options.ts'
import { systemExec } from '../../../shared/ports/exec.ts'

const dir = mkdtempSync(join(tmpdir(), 'pgsvc-ssh-options-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** What ssh itself makes of a configuration. */
async function ask(config: string, host: string, args: readonly string[] = []) {
  const file = join(dir, 'config')
  writeFileSync(file, config)
  const env = { HOME: '/home/ops', SSH_AUTH_SOCK: '/run/agent' }
  return await askSsh(systemExec(), { host, sshArguments: ['-F', file, ...args] }, env)
}

test('a file of known hosts whose path has a blank is refused: ssh prints it without its quotes', async () => {
  await expect(ask('Host *\n UserKnownHostsFile "/etc/my hosts" /etc/other\n', 'h')).rejects.toMatchObject({
    code: 'SSH_OPTION',
    message: expect.stringContaining('/etc/my hosts /etc/other'),
  })
  const none = await ask('Host *\n UserKnownHostsFile /dev/null\n GlobalKnownHostsFile none\n', 'h')
  expect(none).toMatchObject({ userKnownHosts: [], globalKnownHosts: [] })
})

test('Host, Match, Include and the first value that counts are those of ssh', async () => {
  writeFileSync(join(dir, 'more'), 'Host 10.10.*\n  User included\n  Port 2222\n')
  const options = await ask(
    `Include ${join(dir, 'more')}
Host 10.10.10.11
  User later
  IdentityFile ~/.ssh/pigsty
  IdentityFile /keys/%h-%p-%r
  IdentitiesOnly yes
  UserKnownHostsFile ~/.ssh/known_hosts /etc/our_hosts
  HostKeyAlias node-11
  HashKnownHosts yes
Match host 10.10.10.11
  HostName 10.20.0.11
  ProxyJump jumper@10.10.10.10:2200,10.10.10.9
  ConnectTimeout 4
`,
    '10.10.10.11',
  )
  expect(options).toMatchObject({
    hostName: '10.20.0.11',
    port: 2222,
    user: 'included',
    identityFiles: [`${userInfo().homedir}/.ssh/pigsty`, '/keys/10.20.0.11-2222-included'],
    identitiesOnly: true,
    agentSocket: '/run/agent',
    hostKeyAlias: 'node-11',
    hashKnownHosts: true,
    proxyJump: ['jumper@10.10.10.10:2200', '[10.10.10.9]'],
    connectTimeoutMs: 4000,
  })
  expect(options.userKnownHosts[0]).toBe(`${userInfo().homedir}/.ssh/known_hosts`)
})

test('what the inventory says counts more than the file, as on the command line of ssh', async () => {
  const key = join(dir, 'dba')
  writeFileSync(key, '')
  const args = ['-l', 'dba', '-p', '22', '-i', key, '-i', '/keys/none', '-o', 'UserKnownHostsFile=/tmp/kh']
  const options = await ask('Host *\n  User other\n  Port 2222\n', '10.10.10.11', args)
  expect(options).toMatchObject({ user: 'dba', port: 22, userKnownHosts: ['/tmp/kh'] })
  expect(options.identityFiles).toEqual([key])
  expect(options.warnings).toEqual([expect.stringContaining('/keys/none not accessible')])
})

test.each([
  ['ProxyCommand relay %h %p', 'relay %h %p'],
  ['ProxyCommand none', ''],
  ['ProxyJump jumper\n  ProxyCommand relay', ''],
  ['ProxyCommand relay\n  ProxyJump jumper', 'relay'],
])('%j is the ProxyCommand %j', async (lines, expected) => {
  expect((await ask(`Host *\n  ${lines}\n`, '10.10.10.11')).proxyCommand).toBe(expected)
})

test('a ProxyCommand that passes on a socket is refused', async () => {
  await expect(
    ask('Host *\n  ProxyCommand relay\n  ProxyUseFdpass yes\n', '10.10.10.11'),
  ).rejects.toMatchObject({ code: 'SSH_OPTION', message: expect.stringContaining('ProxyUseFdpass') })
})

test('what ssh does not take is told in its own words', async () => {
  await expect(ask('', '10.10.10.11', ['-o', 'NoSuchOption=1'])).rejects.toMatchObject({
    code: 'SSH_OPTION',
    message: expect.stringMatching(/Bad configuration option: nosuchoption/i),
  })
})

test.each([
  ['', '/run/env'],
  ['identityagent none', ''],
  ['identityagent SSH_AUTH_SOCK', '/run/env'],
  ['identityagent $OTHER', '/run/other'],
  ['identityagent ~/agent', '/home/ops/agent'],
])('the agent of %j', (line, expected) => {
  const env = { SSH_AUTH_SOCK: '/run/env', OTHER: '/run/other' }
  const options = parseSshOptions(line, { home: '/home/ops', localUser: 'ops', env, asked: 'n' })
  expect(options.agentSocket).toBe(expected)
})
