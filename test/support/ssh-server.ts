/** A real OpenSSH server on the loopback of this network namespace, with keys made for it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killPid, waitFor } from '../lab/process.ts'

export interface SshServer {
  readonly port: number
  /** Its directory; removed by `stop`. */
  readonly dir: string
  /** Public host keys by type, as `<type> <base64>`. */
  readonly hostKeys: Readonly<Record<string, string>>
  stop(): Promise<void>
}

export interface SshServerOptions {
  readonly port: number
  /** Types of host keys; the first is preferred by nobody but the client. */
  readonly types?: readonly string[]
  /** Public keys that let root in. */
  readonly authorized: readonly string[]
  /** Further lines of sshd_config. */
  readonly config?: string
}

/** Makes a key pair. */
export function makeKey(path: string, { type = 'ed25519', passphrase = '' } = {}): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', path])
  return readFileSync(`${path}.pub`, 'utf8').trim()
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const { port, types = ['ed25519'], authorized, config = '' } = options
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-sshd-'))
  // Where sshd parts with its privileges; Debian's own unit makes it.
  mkdirSync('/run/sshd', { recursive: true })
  const hostKeys = Object.fromEntries(
    types.map((type) => [type, makeKey(join(dir, `host_${type}`), { type })]),
  )
  writeFileSync(join(dir, 'authorized_keys'), `${authorized.join('\n')}\n`)
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `PidFile ${join(dir, 'pid')}`,
    ...types.map((type) => `HostKey ${join(dir, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    config,
  ]
  writeFileSync(join(dir, 'sshd_config'), `${lines.join('\n')}\n`)
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString('utf8')
  })
  await waitFor('sshd to listen', async () => {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${words}`)
    return (await isListening(port)) || undefined
  })
  return { port, dir, hostKeys, stop: () => stop(child, dir) }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy() && resolve(true))
    socket.once('error', () => resolve(false))
  })
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.pid !== undefined) killPid(child.pid, 'SIGTERM')
  await waitFor('sshd to end', () => child.exitCode !== null || child.signalCode !== null || undefined)
  rmSync(dir, { recursive: true, force: true })
}
