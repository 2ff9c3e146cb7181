/** The way in, against real OpenSSH servers: whose key is taken, with which keys one gets in, and what is said else. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../controller/ssh/connect.ts'
import type { NewHostKey } from '../../controller/ssh/host-key-check.ts'
import { rootShell } from '../../controller/ssh/root-shell.ts'
import type { SshSession } from '../../controller/ssh/session.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { killPid, waitFor } from '../lab/process.ts'
import { makeKey, type SshServer, startSshServer } from '../support/ssh-server.ts'

const port = 2201
const rsaOnlyPort = 2202
let dir: string
let server: SshServer
let rsaOnly: SshServer
let publicKey: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-ssh-'))
  publicKey = makeKey(join(dir, 'key'))
  const encrypted = makeKey(join(dir, 'encrypted'), { passphrase: 'hush hush' })
  makeKey(join(dir, 'wrong'))
  const authorized = [publicKey, encrypted]
  server = await startSshServer({ port, types: ['ed25519', 'rsa', 'ecdsa'], authorized })
  rsaOnly = await startSshServer({ port: rsaOnlyPort, types: ['rsa'], authorized })
})
afterAll(async () => {
  await server.stop()
  await rsaOnly.stop()
  rmSync(dir, { recursive: true })
})

interface Way {
  readonly known?: string
  readonly config?: string
  readonly key?: string
  readonly port?: number
  readonly accept?: (key: NewHostKey) => boolean
  readonly env?: Readonly<Record<string, string>>
}

let asked: NewHostKey[] = []
/** Files in which new keys were said to be remembered. */
let told: (string | undefined)[] = []

function knownHostsFile(): string {
  return join(dir, 'known_hosts')
}

async function open({ known, config = '', key = 'key', accept = () => false, env = {}, ...way }: Way) {
  asked = []
  told = []
  writeFileSync(knownHostsFile(), known ?? `[127.0.0.1]:${port} ${server.hostKeys.ed25519}\n`)
  const file = join(dir, 'config')
  const identity = key === '' ? '' : `IdentityFile ${join(dir, key)}\n`
  writeFileSync(
    file,
    `${config}Host *\n${identity}UserKnownHostsFile ${knownHostsFile()}\nGlobalKnownHostsFile none\nUser root\n`,
  )
  const access = {
    node: '127.0.0.1',
    host: '127.0.0.1',
    sshArguments: ['-F', file, '-p', String(way.port ?? port)],
    password: undefined,
    become: { password: undefined },
  }
  const acceptNew = async (shown: NewHostKey) => {
    asked.push(shown)
    return accept(shown)
  }
  const tookNew = (_key: NewHostKey, file: string | undefined) => void told.push(file)
  const ports = { exec: systemExec(), env: { HOME: dir, ...env }, acceptNew, tookNew, now: Date.now }
  return await connect(ports, access, new AbortController().signal)
}

async function whoami(session: SshSession): Promise<string> {
  try {
    const { stdout } = await rootShell(session, { password: undefined }).run('id -un', { timeoutMs: 20_000 })
    return stdout.trim()
  } finally {
    session.close()
  }
}

/** The code of a connection that must not come about. */
async function refusal(way: Way): Promise<{ code: string; message: string; hint: string }> {
  const outcome = await open(way).then(
    (session) => session.close(),
    (error: unknown) => error,
  )
  if (outcome === undefined) throw new Error('it connected')
  return outcome as { code: string; message: string; hint: string }
}

describe('host keys', () => {
  test('a host that shows a known key is let in, whichever of its types is known', async () => {
    for (const type of ['ed25519', 'rsa', 'ecdsa']) {
      const session = await open({ known: `[127.0.0.1]:${port} ${server.hostKeys[type]}\n` })
      expect(await whoami(session)).toBe('root')
    }
    expect(asked).toEqual([])
  })

  test('a host that nobody knows is refused with its fingerprint, and nothing is written', async () => {
    const refused = await refusal({ known: '' })
    const printed = execFileSync('ssh-keygen', ['-lf', join(server.dir, 'host_ed25519.pub')], {
      encoding: 'utf8',
    })
    expect(refused.code).toBe('HOST_KEY_UNKNOWN')
    expect(refused.message).toContain(printed.split(' ')[1])
    expect(refused.hint).toContain('--accept-new')
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe('')
  })

  test('a host that was accepted is known from then on, by ssh too', async () => {
    const session = await open({ known: '', accept: () => true, config: 'HashKnownHosts yes\n' })
    session.close()
    expect(asked).toHaveLength(1)
    const text = readFileSync(knownHostsFile(), 'utf8')
    expect(text).toMatch(/^\|1\|/)
    const args = [
      '-F',
      join(dir, 'config'),
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'BatchMode=yes',
      '-p',
      `${port}`,
    ]
    expect(execFileSync('ssh', [...args, '127.0.0.1', 'echo in'], { encoding: 'utf8' })).toBe('in\n')
    expect(await whoami(await open({ known: text }))).toBe('root')
    expect(asked).toEqual([])
  })

  test('a changed key is refused even when new ones are accepted, and the old place and the way out are told', async () => {
    const known = `# line 1\n[127.0.0.1]:${port} ${publicKey}\n`
    const refused = await refusal({ known, accept: () => true, config: 'StrictHostKeyChecking no\n' })
    expect(refused.code).toBe('HOST_KEY_CHANGED')
    expect(refused.message).toContain(`${knownHostsFile()}:2`)
    expect(refused.hint).toContain(`ssh-keygen -R '[127.0.0.1]:${port}' -f ${knownHostsFile()}`)
    expect(asked).toEqual([])
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe(known)
  })

  test('a host that has none of the known key types any more is taken for a changed one', async () => {
    const known = `[127.0.0.1]:${rsaOnlyPort} ${server.hostKeys.ed25519}\n`
    const refused = await refusal({ known, port: rsaOnlyPort, accept: () => true })
    expect(refused.code).toBe('HOST_KEY_CHANGED')
    expect(asked).toEqual([])
  })

  test('a revoked key is refused, though it is also known', async () => {
    const { ed25519 } = server.hostKeys
    const refused = await refusal({ known: `[127.0.0.1]:${port} ${ed25519}\n@revoked * ${ed25519}\n` })
    expect(refused.code).toBe('HOST_KEY_REVOKED')
  })

  test('a host known by an authority only is refused', async () => {
    const refused = await refusal({
      known: `@cert-authority *:${port},[127.*]:* ${publicKey}\n`,
      accept: () => true,
    })
    expect(refused.code).toBe('HOST_KEY_AUTHORITY')
  })

  test('StrictHostKeyChecking accept-new in ssh_config is a yes, and HostKeyAlias is the name that is kept', async () => {
    const config = 'StrictHostKeyChecking accept-new\nHostKeyAlias node-11\n'
    const session = await open({ known: '', config })
    session.close()
    expect(asked).toEqual([])
    expect(readFileSync(knownHostsFile(), 'utf8')).toMatch(/^node-11 ssh-ed25519 /)
  })
})

describe('logging in', () => {
  test('with the wrong key it is told which keys were tried', async () => {
    const refused = await refusal({ key: 'wrong' })
    expect(refused.code).toBe('SSH_LOGIN')
    expect(refused.message).toContain(join(dir, 'wrong'))
  })

  test('an encrypted key is told, with ssh-add as the way out', async () => {
    const refused = await refusal({ key: 'encrypted' })
    expect(refused.code).toBe('SSH_LOGIN')
    expect(refused.message).toContain('encrypted')
    expect(refused.message).toContain('ssh-add')
  })

  test('keys of the agent open the door; IdentitiesOnly holds others of it back', async () => {
    const socket = join(dir, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await waitFor('the ssh-agent', () => addKey(socket, 'key') || undefined)
      addKey(socket, 'wrong')
      const env = { SSH_AUTH_SOCK: socket }
      expect(await whoami(await open({ key: '', env }))).toBe('root')
      const only = 'IdentitiesOnly yes\n'
      expect((await refusal({ key: 'wrong', env, config: only })).code).toBe('SSH_LOGIN')
      // The public half alone chooses the key that the agent has.
      writeFileSync(join(dir, 'half.pub'), publicKey)
      const session = await open({ key: 'half.pub', env, config: only })
      expect(await whoami(session)).toBe('root')
    } finally {
      if (agent.pid !== undefined) killPid(agent.pid)
    }
  })

  test('a jump host is gone through, and its host key is checked too', async () => {
    const both = `[127.0.0.1]:${port} ${server.hostKeys.ed25519}\n[127.0.0.1]:${rsaOnlyPort} ${rsaOnly.hostKeys.rsa}\n`
    const config = `Match originalhost 127.0.0.1 exec "test %p = ${port}"\nProxyJump root@127.0.0.1:${rsaOnlyPort}\n`
    const session = await open({ known: both, config })
    const peers = await rootShell(session, { password: undefined }).run('echo $SSH_CONNECTION', {
      timeoutMs: 20_000,
    })
    session.close()
    expect(peers.stdout).toContain(`127.0.0.1 ${port}`)
    const refused = await refusal({ known: both.split('\n')[0] ?? '', config })
    expect(refused.code).toBe('HOST_KEY_UNKNOWN')
    expect(refused.message).toContain(`:${rsaOnlyPort}`)
  })

  test('a jump host is reached as its own configuration says', async () => {
    const toMiddle = `Match originalhost 127.0.0.1 exec "test %p = ${port}"\nProxyJump middle\n`
    const middle = `Host middle\nHostName 127.0.0.1\nUser root\nPort ${rsaOnlyPort}\nProxyJump outer\n`
    const outer = (more: string) => `Host outer\nHostName 127.0.0.1\nUser root\n${more}`
    expect((await refusal({ config: toMiddle + middle + outer('Port 2299\n') })).message).toContain(':2299')
    const loop = await refusal({ config: toMiddle + middle + outer('ProxyJump middle\n') })
    expect(loop).toMatchObject({ code: 'SSH_OPTION', message: expect.stringContaining('from host to host') })
  })

  test('a port where nobody listens is told as such', async () => {
    expect((await refusal({ port: 2299 })).code).toBe('SSH_UNREACHABLE')
  })
})

test('a key is said to be remembered when it is, and where there is no file it is not', async () => {
  const session = await open({ known: '', accept: () => true })
  session.close()
  expect(told).toEqual([knownHostsFile()])
  for (const none of ['/dev/null', 'none']) {
    const once = await open({ known: '', accept: () => true, config: `UserKnownHostsFile ${none}\n` })
    once.close()
    expect(told).toEqual([undefined])
  }
  // Nobody can write there.
  const refused = await refusal({ accept: () => true, config: 'UserKnownHostsFile /proc/self/known_hosts\n' })
  expect(refused.code).toBe('KNOWN_HOSTS_UNWRITABLE')
  expect(told).toEqual([])
})

describe('commands', () => {
  test('input, output, errors and the exit status come through byte for byte', async () => {
    const session = await open({})
    const shell = rootShell(session, { password: undefined })
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256))
    const { stdout } = await shell.run('sha256sum; echo "it\'s" done', { input: bytes, timeoutMs: 20_000 })
    const { status, stderr } = await shell.run('echo bad >&2; exit 7', { timeoutMs: 20_000 })
    session.close()
    const digest = execFileSync('sha256sum', { input: bytes, encoding: 'utf8' })
    expect(stdout).toBe(`${digest}it's done\n`)
    expect({ status, stderr }).toEqual({ status: 7, stderr: 'bad\n' })
  })

  test("what the account's login shell prints is no output of ours", async () => {
    const noisy = await startSshServer({
      port: 2203,
      authorized: [publicKey],
      config: `SetEnv GREETING=hello\nForceCommand sh -c 'echo Welcome; eval "$SSH_ORIGINAL_COMMAND"'`,
    })
    const session = await open({ port: 2203, known: '', accept: () => true })
    const { stdout } = await rootShell(session, { password: undefined }).run('echo mine', {
      timeoutMs: 20_000,
    })
    session.close()
    await noisy.stop()
    expect(stdout).toBe('mine\n')
  })

  test('a connection that dies under a command ends it with SSH_LOST', async () => {
    const session = await open({})
    const running = rootShell(session, { password: undefined }).run('echo $PPID; sleep 60', {
      timeoutMs: 50_000,
    })
    const outcome = running.catch((error: unknown) => error)
    const sshd = await waitFor('the session process', () => sessionOf(server.dir))
    killPid(sshd)
    expect(await outcome).toMatchObject({ code: 'SSH_LOST' })
    await expect(
      rootShell(session, { password: undefined }).run('true', { timeoutMs: 20_000 }),
    ).rejects.toMatchObject({
      code: 'SSH_LOST',
    })
    session.close()
  })

  test('a command that takes too long is given up', async () => {
    const session = await open({})
    const running = rootShell(session, { password: undefined }).run('sleep 60', { timeoutMs: 300 })
    await expect(running).rejects.toMatchObject({ code: 'REMOTE_TIMEOUT' })
    session.close()
  })
})

function addKey(socket: string, name: string): boolean {
  chmodSync(join(dir, name), 0o600)
  try {
    execFileSync('ssh-add', ['-q', join(dir, name)], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

/** Pid of the process that serves the newest session of a server; undefined while there is none. */
function sessionOf(serverDir: string): number | undefined {
  const daemon = readFileSync(join(serverDir, 'pid'), 'utf8').trim()
  const children = readFileSync(`/proc/${daemon}/task/${daemon}/children`, 'utf8').trim().split(' ')
  const newest = Number(children.at(-1) ?? '')
  return newest > 0 ? newest : undefined
}
