/**
 * The system calls that `Files` is made of, one by one, so that a test can stop between any two of them, or put
 * a model of a disk in their place.
 */
import { constants, readFileSync, type Stats } from 'node:fs'
import {
  chmod,
  chown,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  stat,
  symlink,
  unlink,
} from 'node:fs/promises'

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other'

export interface Entry {
  readonly name: string
  readonly kind: EntryKind
}

export interface DiskStatus {
  readonly kind: EntryKind
  readonly inode: number
  readonly bytes: number
  /** ctime, milliseconds since 1970. */
  readonly changedMs: number
  /** mtime, milliseconds since 1970. */
  readonly modifiedMs: number
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface OpenFile {
  write(content: Uint8Array): Promise<void>
  chmod(mode: number): Promise<void>
  chown(uid: number, gid: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Each rejects with the system's error, `code` and all. */
export interface Disk {
  /** Symbolic links followed. */
  read(path: string): Promise<Buffer>
  /** In no order. */
  list(path: string): Promise<readonly Entry[]>
  /** Of what stands at the path itself. */
  status(path: string): Promise<DiskStatus>
  /** Symbolic links followed. */
  statusBehindLink(path: string): Promise<DiskStatus>
  readLink(path: string): Promise<string>
  /** For writing, empty; never through a symbolic link. */
  create(path: string, mode: number): Promise<OpenFile>
  /** A file or directory, to make it durable. */
  open(path: string): Promise<OpenFile>
  /** One level; its parent must exist. */
  makeDir(path: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** An empty one. */
  removeDir(path: string): Promise<void>
  chmod(path: string, mode: number): Promise<void>
  chown(path: string, uid: number, gid: number): Promise<void>
}

export function systemDisk(): Disk {
  return {
    // No disk is behind /proc that could hang, and a read by the thread pool costs many times what it takes.
    read: async (path) => (path.startsWith('/proc/') ? readFileSync(path) : await readFile(path)),
    list: async (path) =>
      (await readdir(path, { withFileTypes: true })).map((entry) => ({
        name: entry.name,
        kind: kindOf(entry),
      })),
    status: async (path) => statusOf(await lstat(path)),
    statusBehindLink: async (path) => statusOf(await stat(path)),
    readLink: (path) => readlink(path),
    create: async (path, mode) =>
      openFile(
        await open(
          path,
          constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
          mode,
        ),
      ),
    open: async (path) => openFile(await open(path, constants.O_RDONLY)),
    makeDir: async (path) => void (await mkdir(path)),
    symlink: (target, path) => symlink(target, path),
    rename: (from, to) => rename(from, to),
    unlink: (path) => unlink(path),
    removeDir: (path) => rmdir(path),
    chmod: (path, mode) => chmod(path, mode),
    chown: (path, uid, gid) => chown(path, uid, gid),
  }
}

function openFile(handle: FileHandle): OpenFile {
  return {
    write: (content) => handle.writeFile(content),
    chmod: (mode) => handle.chmod(mode),
    chown: (uid, gid) => handle.chown(uid, gid),
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}

interface KindLike {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

function kindOf(found: KindLike): EntryKind {
  if (found.isSymbolicLink()) return 'symlink'
  if (found.isDirectory()) return 'directory'
  return found.isFile() ? 'file' : 'other'
}

function statusOf(found: Stats): DiskStatus {
  return {
    kind: kindOf(found),
    inode: found.ino,
    bytes: found.size,
    changedMs: found.ctimeMs,
    modifiedMs: found.mtimeMs,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
  }
}
