/**
 * Puts state files where HAProxy looks for them, and takes them away.
 *
 * Old states must never be loaded by somebody's later reload, and the process that puts them may be killed
 * before it takes them away. So what stands at the path is a link to the directory by way of this process's
 * own open descriptor: once the process is gone it leads nowhere, and HAProxy behaves as without states.
 *
 * States of somebody else must not be taken away with one's own. A process's acts come one after another; what
 * another process puts at the path in between (the start of HAProxy has one of its own) is told by its target.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import {
  type FileHandle,
  link,
  mkdtemp,
  open,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeRunDir } from '../../shared/ports/run-dir.ts'

export interface HandOver {
  /**
   * @param dir - path that the configuration names
   * @param files - text by base name
   * @param life - `ours`: gone with this process; `lasting`: until somebody takes it away
   * @returns takes it away again, and nothing that came later
   */
  put(dir: string, files: ReadonlyMap<string, string>, life: 'ours' | 'lasting'): Promise<() => Promise<void>>
  /** What stands there now, by a name that nothing else ever has; undefined when nothing does. */
  current(dir: string): Promise<string | undefined>
  /**
   * Whoever put it; fine when there is nothing.
   *
   * @param only - what `current` said: what was put there since then stays
   */
  clear(dir: string, only?: string): Promise<void>
}

/** HAProxy reads them as root, before it gives that up. */
const fileMode = 0o600

export function systemHandOver(): HandOver {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act)
    last = next.catch(() => undefined)
    return next
  }
  return {
    async put(dir, files, life) {
      const takeAway = await inTurn(() => put(dir, files, life))
      return () => inTurn(takeAway)
    },
    current: targetOf,
    clear: (dir, only) => inTurn(() => (only === undefined ? clearAll(dir) : clearOnly(dir, only))),
  }
}

async function put(
  dir: string,
  files: ReadonlyMap<string, string>,
  life: 'ours' | 'lasting',
): Promise<() => Promise<void>> {
  await makeRunDir(dirname(dir))
  const real = await mkdtemp(`${dir}.`)
  for (const [name, text] of files) await writeFile(join(real, name), text, { mode: fileMode, flag: 'wx' })
  const handle = life === 'ours' ? await open(real, constants.O_RDONLY | constants.O_DIRECTORY) : undefined
  const target = handle ? `/proc/${process.pid}/fd/${handle.fd}` : basename(real)
  await pointTo(target, dir, `${real}.link`).catch(async (error: unknown) => {
    await handle?.close()
    throw error
  })
  await removeLeftovers(dir, real)
  return () => takeAway(dir, target, real, handle)
}

async function takeAway(dir: string, target: string, real: string, handle?: FileHandle): Promise<void> {
  await removeLink(dir, target)
  await rm(real, { recursive: true, force: true })
  // Not before: the number of a descriptor is given to the next one.
  await handle?.close()
}

/** In one step, whatever link is there. */
async function pointTo(target: string, dir: string, temporary: string): Promise<void> {
  await symlink(target, temporary)
  await rename(temporary, dir)
}

async function targetOf(dir: string): Promise<string | undefined> {
  return await readlink(dir).catch(() => undefined)
}

async function clearAll(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true })
  await removeLeftovers(dir)
}

async function clearOnly(dir: string, target: string): Promise<void> {
  await removeLink(dir, target)
  // A lasting one; that of a process that is gone is removed when the next is put.
  if (isOwnName(dir, target)) await rm(join(dirname(dir), target), { recursive: true, force: true })
}

/** What stands at a path cannot be removed by its target, so it goes aside first, and is looked at there. */
async function removeLink(dir: string, target: string): Promise<void> {
  if ((await targetOf(dir)) !== target) return
  // By no name that another process takes for a leftover.
  const aside = join(dirname(dir), `.${basename(dir)}.${randomUUID()}`)
  const isAside = await rename(dir, aside).then(
    () => true,
    () => false, // gone already, by HAProxy's unit
  )
  // Another process's, put this very moment: back it goes, unless there is a still newer one.
  if (isAside && (await targetOf(aside)) !== target) await link(aside, dir).catch(() => undefined)
  await rm(aside, { force: true })
}

/** Of processes that were killed, and what stood at the path until now. */
async function removeLeftovers(dir: string, but = ''): Promise<void> {
  const names = await readdir(dirname(dir)).catch(() => [])
  const left = names.filter((name) => isOwnName(dir, name) && name !== basename(but))
  await Promise.all(left.map((name) => rm(join(dirname(dir), name), { recursive: true, force: true })))
}

function isOwnName(dir: string, name: string): boolean {
  return name.startsWith(`${basename(dir)}.`) && !name.includes('/')
}
