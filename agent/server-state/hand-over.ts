/**
 * Puts state files where HAProxy looks for them, and takes them away.
 *
 * Old states must never be loaded by somebody's later reload, and the process that puts them may be killed
 * before it takes them away. So what stands at the path is a link to the directory by way of this process's
 * own open descriptor: once the process is gone it leads nowhere, and HAProxy behaves as without states.
 */
import { constants } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface HandOver {
  /**
   * @param dir - path that the configuration names
   * @param files - text by base name
   * @param life - `ours`: gone with this process; `lasting`: until somebody takes it away
   * @returns takes it away again
   */
  put(dir: string, files: ReadonlyMap<string, string>, life: 'ours' | 'lasting'): Promise<() => Promise<void>>
  /** Whoever put it; fine when there is nothing. */
  clear(dir: string): Promise<void>
}

/** HAProxy reads them as root, before it gives that up. */
const dirMode = 0o755
const fileMode = 0o600

export function systemHandOver(): HandOver {
  return { put, clear }
}

async function put(
  dir: string,
  files: ReadonlyMap<string, string>,
  life: 'ours' | 'lasting',
): Promise<() => Promise<void>> {
  await mkdir(dirname(dir), { recursive: true, mode: dirMode })
  await removeLeftovers(dir)
  const real = await mkdtemp(`${dir}.`)
  for (const [name, text] of files) await writeFile(join(real, name), text, { mode: fileMode, flag: 'wx' })
  const handle = await open(real, constants.O_RDONLY | constants.O_DIRECTORY)
  const target = life === 'ours' ? `/proc/${process.pid}/fd/${handle.fd}` : basename(real)
  await link(target, dir, `${real}.link`)
  if (life === 'lasting') await handle.close()
  return async () => {
    const isStillThere = (await readlink(dir).catch(() => '')) === target
    if (isStillThere) await rm(dir, { force: true })
    await rm(real, { recursive: true, force: true })
    if (life === 'ours') await handle.close()
  }
}

/** In one step, whatever link is there. */
async function link(target: string, dir: string, temporary: string): Promise<void> {
  await symlink(target, temporary)
  await rename(temporary, dir).catch(async (error: unknown) => {
    await rm(temporary, { force: true })
    throw error
  })
}

async function clear(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true })
  await removeLeftovers(dir)
}

/** Of processes that were killed. One process at a time has to do with this directory: the agent, or the start. */
async function removeLeftovers(dir: string): Promise<void> {
  const names = await readdir(dirname(dir)).catch(() => [])
  const left = names.filter((name) => name.startsWith(`${basename(dir)}.`))
  await Promise.all(left.map((name) => rm(join(dirname(dir), name), { recursive: true, force: true })))
}
