/** The disk, passed in so that tests can watch it and make it fail. */
import { constants, type Stats } from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other'

export interface Entry {
  readonly name: string
  readonly kind: EntryKind
}

/** Tells a file from what stood at its path before, without reading it. */
export interface FileStamp {
  readonly inode: number
  readonly bytes: number
  /** Last change of content, name or attributes (ctime), milliseconds since 1970; cannot be set by hand. */
  readonly changedMs: number
  /** Last change of content, milliseconds since 1970. */
  readonly modifiedMs: number
}

export interface Files {
  /** The bytes, symbolic links followed; undefined when there is no such file. */
  read(path: string): Promise<Buffer | undefined>
  /** Entries in byte order, dot files included; undefined when there is no such directory. */
  list(dir: string): Promise<readonly Entry[] | undefined>
  /** What stands at the path itself, a symbolic link not followed; undefined for nothing. */
  kind(path: string): Promise<EntryKind | undefined>
  /** Of what stands at the path itself, a symbolic link not followed; undefined for nothing. */
  stamp(path: string): Promise<FileStamp | undefined>
  /** Where a symbolic link points, as written in it. */
  readLink(path: string): Promise<string>
  /** Creates or overwrites, not yet durable. Refuses to write through a symbolic link. */
  write(path: string, content: string | Uint8Array, mode: number): Promise<void>
  /** Makes a file's bytes, or a directory's names, durable. */
  sync(path: string): Promise<void>
  /** Bytes, mode and owner of a file (links followed) or of a whole directory. */
  copy(from: string, to: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** With parents; fine when it exists. */
  makeDir(path: string): Promise<void>
  /** A file or a whole directory; fine when there is nothing. */
  remove(path: string): Promise<void>
}

/** The real disk. */
export function systemFiles(): Files {
  return {
    read: (path) => readFile(path).catch(missing),
    list: async (dir) =>
      (await readdir(dir, { withFileTypes: true }).catch(missing))?.map(toEntry).sort(byName),
    kind: async (path) => kindOf(await lstat(path).catch(missing)),
    stamp: async (path) => stampOf(await lstat(path).catch(missing)),
    readLink: (path) => readlink(path),
    write: writePlain,
    sync: syncPath,
    copy: copyAll,
    symlink: (target, path) => symlink(target, path),
    rename: (from, to) => rename(from, to),
    makeDir: async (path) => void (await mkdir(path, { recursive: true })),
    remove: (path) => rm(path, { recursive: true, force: true }),
  }
}

/** A name beside `path` that HAProxy does not load: leading dot, no `.cfg` at the end. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.pgsvc-new`)
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

interface StatLike {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

function kindOf(found: StatLike): EntryKind
function kindOf(found: StatLike | undefined): EntryKind | undefined
function kindOf(found: StatLike | undefined): EntryKind | undefined {
  if (!found) return undefined
  if (found.isSymbolicLink()) return 'symlink'
  if (found.isDirectory()) return 'directory'
  return found.isFile() ? 'file' : 'other'
}

function stampOf(found: Stats | undefined): FileStamp | undefined {
  return found && { inode: found.ino, bytes: found.size, changedMs: found.ctimeMs, modifiedMs: found.mtimeMs }
}

function toEntry(entry: StatLike & { name: string }): Entry {
  return { name: entry.name, kind: kindOf(entry) }
}

function byName(a: Entry, b: Entry): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
}

async function writePlain(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  const file = await open(path, flags, mode)
  try {
    await file.writeFile(content)
    // The umask of the daemon must not decide whether HAProxy can read the file.
    await file.chmod(mode)
  } finally {
    await file.close()
  }
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  const { mode, uid, gid } = await stat(from)
  if (kindOf(await stat(from)) === 'directory')
    await cp(from, to, { recursive: true, verbatimSymlinks: true })
  else await copyFile(from, to)
  await chmod(to, mode & 0o7777)
  await chown(to, uid, gid)
}
