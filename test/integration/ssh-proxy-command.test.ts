/** Ways through a ProxyCommand, to a real sshd: what ssh reaches we reach, and the program ends with the connection. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../controller/ssh/connect.ts'
import { rootShell } from '../../controller/ssh/root-shell.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { waitFor } from '../lab/process.ts'
import { makeKey, type SshServer, startSshServer } from '../support/ssh-server.ts'

const port = 2221
const gatePort = 2222
let dir: string
let server: SshServer
let gate: SshServer

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-proxy-'))
  const authorized = [makeKey(join(dir, 'key'))]
  server = await startSshServer({ port, authorized })
  gate = await startSshServer({ port: gatePort, authorized })
  const known = `[127.0.0.1]:${port} ${server.hostKeys.ed25519}\n[127.0.0.1]:${gatePort} ${gate.hostKeys.ed25519}\n`
  writeFileSync(join(dir, 'known_hosts'), known)
  writeFileSync(join(dir, 'relay.js'), relay)
  writeFileSync(join(dir, 'gate'), common())
})
afterAll(async () => {
  await server.stop()
  await gate.stop()
  rmSync(dir, { recursive: true })
})

/** What socat and nc do, which not every machine has; writes its number down and what it was given. */
const relay = `
const [host, port, pidFile, ...words] = process.argv.slice(2)
require('node:fs').writeFileSync(pidFile, process.pid + '\\n' + words.join(' '))
const socket = require('node:net').connect(Number(port), host)
process.stdin.pipe(socket)
socket.pipe(process.stdout)
socket.on('error', (error) => { console.error('relay: ' + error.message); process.exit(4) })
`

function common(): string {
  const known = `UserKnownHostsFile ${join(dir, 'known_hosts')}\nGlobalKnownHostsFile none\n`
  return `Host *\nIdentityFile ${join(dir, 'key')}\nIdentitiesOnly yes\nBatchMode yes\nUser root\n${known}`
}

/** Way to the server by an alias, as somebody types it. */
function way(command: string): readonly string[] {
  const lines = `Host node\nHostName 127.0.0.1\nPort ${port}\nProxyCommand ${command}\n`
  writeFileSync(join(dir, 'config'), `${lines}${common()}`)
  return ['-F', join(dir, 'config')]
}

async function open(command: string, env: Readonly<Record<string, string>> = {}) {
  const access = { node: 'node', host: 'node', sshArguments: way(command) }
  const ports = {
    exec: systemExec(),
    env,
    acceptNew: async () => false,
    tookNew: () => undefined,
    now: Date.now,
  }
  return await connect(
    ports,
    { ...access, password: undefined, become: { password: undefined } },
    new AbortController().signal,
  )
}

async function failure(command: string): Promise<string> {
  return await open(command).then(
    (session) => {
      session.close()
      return 'it connected'
    },
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  )
}

function relayCommand(pidFile: string, host = '%h', to = '%p'): string {
  return `${process.execPath} ${join(dir, 'relay.js')} ${host} ${to} ${pidFile} %n %r 100%%`
}

async function isGone(pid: number): Promise<void> {
  await waitFor('the program to be gone', () => !existsSync(`/proc/${pid}`) || undefined)
}

test('ssh and ours get in through a program, which is given the same and ends with the connection', async () => {
  const file = join(dir, 'pid')
  const args = [...way(relayCommand(file)), 'node', 'echo in']
  expect(execFileSync('ssh', args, { encoding: 'utf8' })).toBe('in\n')
  const [, given] = readFileSync(file, 'utf8').split('\n')
  expect(given).toBe('node root 100%')
  rmSync(file)

  const session = await open(relayCommand(file))
  expect(
    (await rootShell(session, { password: undefined }).run('echo in', { timeoutMs: 20_000 })).stdout,
  ).toBe('in\n')
  const [pid = '', givenByUs] = readFileSync(file, 'utf8').split('\n')
  expect(givenByUs).toBe(given)
  expect(existsSync(`/proc/${pid}`)).toBe(true)
  session.close()
  await isGone(Number(pid))
})

test('ssh -W through another host is a way', async () => {
  const session = await open(`ssh -F ${join(dir, 'gate')} -p ${gatePort} -W %h:%p 127.0.0.1`)
  const { stdout } = await rootShell(session, { password: undefined }).run('echo $SSH_CONNECTION', {
    timeoutMs: 20_000,
  })
  session.close()
  expect(stdout).toContain(`127.0.0.1 ${port}`)
})

test("the user's own shell starts it, as with ssh", async () => {
  const shell = join(dir, 'shell')
  writeFileSync(shell, `#!/bin/sh\necho "$*" >${join(dir, 'words')}\nexec /bin/sh "$@"\n`, { mode: 0o755 })
  const session = await open(relayCommand(join(dir, 'pid')), { SHELL: shell })
  session.close()
  expect(readFileSync(join(dir, 'words'), 'utf8')).toMatch(/^-c exec \S+node /)
})

test('one that does not end by itself is ended, with what it has started', async () => {
  const [own, child] = [join(dir, 'own'), join(dir, 'child')]
  const script = join(dir, 'stubborn.sh')
  const relayLine = `${process.execPath} ${join(dir, 'relay.js')} "$1" "$2" ${join(dir, 'pid')}`
  const lines = [`trap '' HUP TERM`, `echo $$ >${own}`, relayLine]
  writeFileSync(script, `${lines.join('\n')}\nsh -c 'echo $$ >${child}; exec sleep 600'\nexit 0\n`)
  const session = await open(`sh ${script} %h %p`)
  session.close()
  const started = await waitFor(
    'what it starts',
    () => (existsSync(child) && readFileSync(child, 'utf8')) || undefined,
  )
  await isGone(Number(readFileSync(own, 'utf8')))
  await isGone(Number(started))
})

test('why it fails is told in its own words', async () => {
  expect(await failure('sh -c "echo no way there >&2; exit 3"')).toMatch(
    /^SSH_UNREACHABLE: root@127\.0\.0\.1:2221 cannot be reached: .*; its ProxyCommand says: no way there \(its exit status is 3\)/,
  )
  expect(await failure(relayCommand(join(dir, 'pid'), '%h', '2299'))).toMatch(/relay: connect ECONNREFUSED/)
  expect(await failure(join(dir, 'no-such-program'))).toMatch(/its ProxyCommand says: .*not found/)
  expect(await failure('relay %q')).toMatch(/^SSH_OPTION: .*%q/)
})

test('it is the host behind it whose key counts', async () => {
  // The program leads to the gate, which is another host.
  const refused = await failure(relayCommand(join(dir, 'pid'), '%h', `${gatePort}`))
  expect(refused).toMatch(/^HOST_KEY_CHANGED: the host key of \[127\.0\.0\.1\]:2221 has changed/)
})
