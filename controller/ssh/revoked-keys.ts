/**
 * Keys that ssh_config's RevokedHostKeys refuses: a list of public keys, or OpenSSH's key revocation list (KRL), which
 * ssh-keygen reads.
 *
 * Source: ssh_config(5), RevokedHostKeys; ssh-keygen(1), -Q, KEY REVOCATION LISTS.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Exec } from '../../shared/ports/exec.ts'
import { keyType, sameKey } from './known-hosts.ts'

const askMs = 15_000
/** How a KRL begins. Source: OpenSSH, PROTOCOL.krl. */
const krlMagic = Buffer.from('SSHKRL\n\0')

/**
 * @param keys - public keys and certificates in wire form
 * @returns why one of them is refused: also when the file cannot be read, as with ssh; undefined when none is
 */
export async function whyRevoked(
  exec: Exec,
  path: string,
  keys: readonly Buffer[],
): Promise<string | undefined> {
  try {
    const content = await readFile(path)
    const isKrl = content.subarray(0, krlMagic.length).equals(krlMagic)
    const isRevoked = isKrl ? await isInKrl(exec, path, keys) : keys.some(isIn(content.toString('utf8')))
    return isRevoked ? `by ${path}` : undefined
  } catch (error) {
    return `as far as is known: ${path} cannot be read (${error instanceof Error ? error.message : String(error)})`
  }
}

function isIn(text: string): (key: Buffer) => boolean {
  const listed = text.split('\n').map((line) => line.trim().split(/[ \t]+/))
  return (key) => listed.some(([, base64 = '']) => sameKey(base64, key.toString('base64')))
}

async function isInKrl(exec: Exec, path: string, keys: readonly Buffer[]): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-revoked-'))
  try {
    const files = keys.map((_, index) => join(dir, `${index}.pub`))
    await Promise.all(
      keys.map((key, index) =>
        writeFile(files[index] ?? '', `${keyType(key)} ${key.toString('base64')}\n`, { mode: 0o600 }),
      ),
    )
    // Any other ending than a clear no is a yes.
    return (await exec.run('ssh-keygen', ['-Q', '-f', path, ...files], { timeoutMs: askMs })).status !== 0
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
