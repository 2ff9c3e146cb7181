/** Lays the contents of a package out in a directory, as they will stand in the root of a host. */

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Description } from './contents.ts'
import type { Item } from './item.ts'

const dirMode = 0o755

/** @param epochS - time that every file bears, seconds since 1970 */
export function stage({ items }: Description, root: string, epochS: number): void {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  chmodSync(root, dirMode)
  for (const item of items) put(item, join(root, item.path))
  settle(root, epochS)
}

/** Gives everything below the same time, links and directories too. */
export function settle(root: string, epochS: number): void {
  execFileSync('find', [root, '-exec', 'touch', '--no-dereference', `--date=@${epochS}`, '{}', '+'])
}

function put(item: Item, path: string): void {
  makeDirectories(dirname(path))
  if (item.kind === 'link') {
    symlinkSync(item.to, path)
    return
  }
  if (item.kind === 'directory') {
    makeDirectories(path)
    chmodSync(path, item.mode)
    return
  }
  if (typeof item.from === 'string') copyFileSync(item.from, path)
  else writeFileSync(path, item.from)
  chmodSync(path, item.kind === 'file' ? item.mode : 0o644)
}

/** Whatever the umask of who builds. */
function makeDirectories(path: string): void {
  const made = mkdirSync(path, { recursive: true, mode: dirMode })
  for (let one = path; made !== undefined && one.length >= made.length; one = dirname(one))
    chmodSync(one, dirMode)
}
