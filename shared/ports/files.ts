/** The disk, passed in so that tests can watch it and make it fail. */
import { basename, dirname, join } from 'node:path'
import { type Disk, type DiskStatus, type Entry, type EntryKind, systemDisk } from './disk.ts'

export type { Entry, EntryKind }

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
  /** Of the file that a path leads to, symbolic links followed; undefined for nothing. */
  stampBehindLink(path: string): Promise<FileStamp | undefined>
  /** Where a symbolic link points, as written in it. */
  readLink(path: string): Promise<string>
  /** Creates or overwrites, not yet durable. Refuses to write through a symbolic link. */
  write(path: string, content: string | Uint8Array, mode: number): Promise<void>
  /** Makes a file's bytes, or a directory's names, durable. */
  sync(path: string): Promise<void>
  /** Bytes, mode and owner of a file (links followed) or of a whole directory. */
  copy(from: string, to: string): Promise<void>
  /** Gives a directory the mode and owner of another one (links followed); fine when there is no other one. */
  copyAttributes(from: string, to: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** With parents; fine when it exists. Not durable: see `makeDurableDir`. */
  makeDir(path: string): Promise<void>
  /** A file or a whole directory; fine when there is nothing. */
  remove(path: string): Promise<void>
}

/** The real disk. */
export function systemFiles(): Files {
  return filesOver(systemDisk())
}

export function filesOver(disk: Disk): Files {
  return {
    read: (path) => disk.read(path).catch(missing),
    list: async (dir) => (await disk.list(dir).catch(missing))?.toSorted(byName),
    kind: async (path) => (await disk.status(path).catch(missing))?.kind,
    stamp: async (path) => stampOf(await disk.status(path).catch(missing)),
    stampBehindLink: async (path) => stampOf(await disk.statusBehindLink(path).catch(missing)),
    readLink: (path) => disk.readLink(path),
    write: (path, content, mode) => writePlain(disk, path, Buffer.from(content), { mode }),
    sync: (path) => syncPath(disk, path),
    copy: async (from, to) => copyAll(disk, from, to, await disk.statusBehindLink(from)),
    async copyAttributes(from, to) {
      const status = await disk.statusBehindLink(from).catch(missing)
      if (status) await setAttributes(disk, to, status)
    },
    symlink: (target, path) => disk.symlink(target, path),
    rename: (from, to) => disk.rename(from, to),
    makeDir: (path) => makeDirs(disk, path),
    remove: (path) => removeAll(disk, path),
  }
}

/** A directory that a power loss does not take away again: also the levels above it that had to be made. */
export async function makeDurableDir(files: Files, path: string): Promise<void> {
  if ((await files.list(path)) !== undefined) return
  const parent = dirname(path)
  if (parent !== path) await makeDurableDir(files, parent)
  await files.makeDir(path)
  await files.sync(parent)
}

/** A name beside `path` that HAProxy does not load: leading dot, no `.cfg` at the end. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}${temporarySuffix}`)
}

const temporarySuffix = '.pgsvc-new'

/** Whether a base name is one that `temporaryName` makes. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.endsWith(temporarySuffix)
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}

function stampOf(found: DiskStatus | undefined): FileStamp | undefined {
  if (!found) return undefined
  const { inode, bytes, changedMs, modifiedMs } = found
  return { inode, bytes, changedMs, modifiedMs }
}

function byName(a: Entry, b: Entry): number {
  return Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
}

interface Attributes {
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

async function writePlain(disk: Disk, path: string, content: Buffer, { mode, owner }: Attributes) {
  const file = await disk.create(path, mode)
  try {
    await file.write(content)
    // The umask of the daemon must not decide whether HAProxy can read the file.
    await file.chmod(mode)
    if (owner) await file.chown(owner.uid, owner.gid)
  } finally {
    await file.close()
  }
}

async function syncPath(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function copyAll(disk: Disk, from: string, to: string, status: DiskStatus): Promise<void> {
  if (status.kind === 'symlink') return await disk.symlink(await disk.readLink(from), to)
  // A socket or a pipe belongs to a process, not to the set.
  if (status.kind === 'other') return
  if (status.kind === 'file')
    return await writePlain(disk, to, await disk.read(from), { mode: status.mode, owner: status })
  await makeDirs(disk, to)
  for (const { name } of await disk.list(from)) {
    const path = join(from, name)
    await copyAll(disk, path, join(to, name), await disk.status(path))
  }
  await setAttributes(disk, to, status)
}

async function setAttributes(disk: Disk, path: string, { mode, uid, gid }: DiskStatus): Promise<void> {
  await disk.chmod(path, mode)
  await disk.chown(path, uid, gid)
}

async function makeDirs(disk: Disk, path: string): Promise<void> {
  try {
    await disk.makeDir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException // a system call rejects with nothing else
    if (code === 'EEXIST' && (await disk.statusBehindLink(path)).kind === 'directory') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirs(disk, dirname(path))
    await makeDirs(disk, path)
  }
}

async function removeAll(disk: Disk, path: string): Promise<void> {
  const found = await disk.status(path).catch(missing)
  if (!found) return
  if (found.kind !== 'directory') return await disk.unlink(path).catch(missing)
  for (const { name } of (await disk.list(path).catch(missing)) ?? []) await removeAll(disk, join(path, name))
  await disk.removeDir(path).catch(missing)
}
