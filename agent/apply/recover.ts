/**
 * Back to a whole set after an apply that was cut off, and to a service directory that somebody took away.
 *
 * Run at every start of the agent, and before every start of HAProxy.
 */
import { dirname, join, relative, resolve } from 'node:path'
import { type Files, makeDurableDir } from '../../shared/ports/files.ts'
import { type HaproxyPaths, type Layout, type Located, locate } from '../haproxy/locate.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { markedGood } from './good-mark.ts'
import { type KnownSets, newestGood, type SetOnDisk } from './newest-good.ts'
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
 * path, or a link of ours to a generation that is gone.
 *
 * @returns where HAProxy and its files are, after what could be put back was
 */
export async function locateRecovered(
  files: Files,
  paths: HaproxyPaths,
  state: AgentState,
): Promise<Located & { readonly back?: SetOnDisk }> {
  const located = await locatePlaced(files, paths, state)
  const { layout } = located
  if (layout.kind === 'flat' || !(await isGone(files, layout))) return located
  const back = newestGood(await knownSets(files, layout, state))
  if (back === undefined) return located
  await putBack(files, layout, back)
  return { ...located, back }
}

/** A HAProxy that runs says where it looks; else it is where our files were put. */
export async function locatePlaced(
  files: Files,
  paths: HaproxyPaths,
  { placed }: AgentState,
): Promise<Located> {
  const located = await locate(files, paths)
  const isTold = located.running !== undefined || paths.layout !== 'auto' || paths.serviceDir !== ''
  if (isTold) return located
  if (placed) return await locate(files, { ...paths, serviceDir: placed.serviceDir, layout: placed.kind })
  // Without the directory, and without a memory of it, only what we left beside it tells that it was there.
  const { marked, asides } = await knownSets(files, located.layout)
  return marked > 0 || asides.length > 0 ? await locate(files, { ...paths, layout: 'conf.d' }) : located
}

async function isGone(files: Files, { serviceDir, workDir }: Layout): Promise<boolean> {
  const kind = await files.kind(serviceDir)
  if (kind !== 'symlink') return kind === undefined
  // Others may have put their own link there, to what is not mounted yet.
  const target = resolve(dirname(serviceDir), await files.readLink(serviceDir))
  return dirname(target) === workDir && (await files.list(target)) === undefined
}

async function knownSets(files: Files, layout: Layout, state?: AgentState): Promise<KnownSets> {
  const { workDir } = layout
  const entries = (await files.list(workDir)) ?? []
  const numbers = (form: RegExp) =>
    entries.flatMap(({ name, kind }) => {
      const number = form.exec(name)?.[1]
      return number !== undefined && kind === 'directory' ? [Number(number)] : []
    })
  const isFlat = await Promise.all(
    numbers(generation).map((number) => holdsAny(files, generationDir(workDir, number), layout.reserved)),
  )
  return {
    remembered: state?.generation ?? 0,
    marked: await markedGood(files, workDir),
    // Those of the flat layout, from before Pigsty had a directory of its own, hold haproxy.cfg too.
    generations: numbers(generation).filter((_, index) => isFlat[index] === false),
    asides: numbers(putAside),
  }
}

const generation = /^g(\d+)$/
const putAside = /^before-g(\d+)$/

async function holdsAny(files: Files, dir: string, names: ReadonlySet<string>): Promise<boolean> {
  const kinds = await Promise.all([...names].map((name) => files.kind(join(dir, name))))
  return kinds.some((kind) => kind !== undefined)
}

async function putBack(files: Files, { serviceDir, workDir }: Layout, found: SetOnDisk): Promise<void> {
  const home = dirname(serviceDir)
  if (found.kind === 'generation') {
    await pointTo(files, serviceDir, relative(home, generationDir(workDir, found.number)))
  } else {
    // A directory does not replace a link.
    await files.remove(serviceDir)
    await files.rename(asideOf(workDir, found.number), serviceDir)
  }
  await files.sync(home)
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
