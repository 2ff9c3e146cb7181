/** Known_hosts files on disk: read anew for each host, added to one whole line at a time. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import { hashedName } from './host-pattern.ts'
import { type HostName, type KnownHostsFile, keyType, knownName } from './known-hosts.ts'

/** @throws AppError `KNOWN_HOSTS_UNREADABLE`; a file that is not there is empty */
export async function readKnownHosts(paths: readonly string[]): Promise<readonly KnownHostsFile[]> {
  return await Promise.all(
    paths.map(async (path) => ({
      path,
      text: await readFile(path, 'utf8').catch((error) => empty(path, error)),
    })),
  )
}

function empty(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
  throw new AppError('KNOWN_HOSTS_UNREADABLE', `${path} cannot be read: ${error.message}`, { cause: error })
}

/**
 * Adds a host's key.
 *
 * One line in one write at the end of the file, as ssh adds it: whoever reads or adds meanwhile, ssh or another of
 * these commands, sees all of the line or nothing, and loses none of its own.
 *
 * @param isHashed - the name is kept as a hash (HashKnownHosts)
 * @throws AppError `KNOWN_HOSTS_UNWRITABLE`
 */
export async function addKnownHost(
  path: string,
  host: HostName,
  key: Buffer,
  isHashed: boolean,
): Promise<void> {
  const name = knownName(host)
  const shown = isHashed ? hashedName(name, randomBytes(20)) : name
  const line = `${shown} ${keyType(key)} ${key.toString('base64')}\n`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const { O_RDWR, O_APPEND, O_CREAT } = constants
    const file = await open(path, O_RDWR | O_APPEND | O_CREAT, 0o600)
    try {
      const { size } = await file.stat()
      const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString()
      await file.write(last === '\n' ? line : `\n${line}`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('KNOWN_HOSTS_UNWRITABLE', `the key of ${name} cannot be added to ${path}: ${why}`, {
      cause,
    })
  }
}
