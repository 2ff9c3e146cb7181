/**
 * Back to a whole set after an apply that was cut off, and to a service directory that somebody took away.
 *
 * Run at every start of the agent, and before every start of HAProxy.
 */
import { dirname, join, relative } from 'node:path'
import { type Files, makeDurableDir } from '../../shared/ports/files.ts'
import { type HaproxyPaths, type Layout, type Located, locate } from '../haproxy/locate.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { fileMode, syncTree } from './staging.ts'
import { asideOf, generationDir, pointTo } from './swap.ts'
import { undoSwap } from './undo-swap.ts'

/**
 * A swap of which no end was recorded is taken back: what was there before is known to work, and the new set
 * was never seen to run.
 *
 * @throws Error of the file system; then try again later
 */
export async function recoverSwap(files: Files, state: AgentState): Promise<AgentState> {
  const { begun } = state
  if (!begun) return state
  await undoSwap(files, begun)
  return {
    ...state,
    begun: undefined,
    mustReload: state.mustReload || begun.mustReload,
    confirmed: state.confirmed && !begun.mustReload,
  }
}

/**
 * Puts the service directory back where somebody, or an apply of which there is no record, left nothing at its
 * path.
 *
 * @returns where HAProxy and its files are, after what could be put back was
 */
export async function locateRecovered(
  files: Files,
  paths: HaproxyPaths,
  state: AgentState,
): Promise<Located> {
  const located = await locatePlaced(files, paths, state)
  const { layout } = located
  if (layout.kind === 'flat' || (await files.kind(layout.serviceDir)) !== undefined) return located
  const numbers = await generationsIn(files, layout.workDir, 'before-g')
  const aside = Math.max(...numbers.filter((number) => number > state.generation))
  if (Number.isFinite(aside)) await putBack(files, asideOf(layout.workDir, aside), layout.serviceDir)
  else await pointToNewest(files, located, state)
  return located
}

/** A HAProxy that runs says where it looks; else it is where our files were put. */
export async function locatePlaced(
  files: Files,
  paths: HaproxyPaths,
  { placed }: AgentState,
): Promise<Located> {
  const located = await locate(files, paths)
  const isTold = located.running !== undefined || paths.layout !== 'auto' || paths.serviceDir !== ''
  if (isTold || placed === undefined) return located
  return await locate(files, { ...paths, serviceDir: placed.serviceDir, layout: placed.kind })
}

async function putBack(files: Files, aside: string, serviceDir: string): Promise<void> {
  await files.rename(aside, serviceDir)
  await files.sync(dirname(serviceDir))
}

/** Only the link went, e.g. by `rm -rf`: what it pointed to still holds everything. */
async function pointToNewest(files: Files, { layout }: Located, state: AgentState): Promise<void> {
  const numbers = await generationsIn(files, layout.workDir, 'g')
  if (!numbers.includes(state.generation)) return
  const target = generationDir(layout.workDir, state.generation)
  await pointTo(files, layout.serviceDir, relative(dirname(layout.serviceDir), target))
  await files.sync(dirname(layout.serviceDir))
}

async function generationsIn(files: Files, workDir: string, prefix: string): Promise<readonly number[]> {
  const names = ((await files.list(workDir)) ?? []).filter(({ kind }) => kind === 'directory')
  return names.flatMap(({ name }) => {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    return /^\d+$/.test(rest) ? [Number(rest)] : []
  })
}

/**
 * Writes our files anew where the directory is gone with all generations, e.g. by `rm -r` before a start:
 * HAProxy would not start without it. Files of others that were in it can't be known.
 *
 * @returns whether it was necessary, and possible
 */
export async function rebuildServiceDir(
  files: Files,
  blobs: Pick<BlobStore, 'read'>,
  { kind, serviceDir, workDir }: Layout,
  state: AgentState,
): Promise<boolean> {
  const owned = Object.entries(state.files)
  if (kind === 'flat' || owned.length === 0 || (await files.list(serviceDir)) !== undefined) return false
  const texts = await blobs.read(owned.map(([, { digest }]) => digest))
  if (owned.some(([, { digest }]) => !texts.has(digest))) return false
  const stage = join(workDir, 'stage-rebuilt')
  const target = generationDir(workDir, state.generation)
  await makeDurableDir(files, workDir)
  for (const dir of [stage, target]) await files.remove(dir)
  await files.makeDir(stage)
  for (const [name, { digest }] of owned)
    await files.write(join(stage, name), texts.get(digest) ?? '', fileMode)
  await syncTree(files, stage)
  await files.rename(stage, target)
  await files.sync(workDir)
  await pointTo(files, serviceDir, relative(dirname(serviceDir), target))
  await files.sync(dirname(serviceDir))
  return true
}
