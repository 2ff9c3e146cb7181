/**
 * Puts a staged set in the live one's place.
 *
 * conf.d: the live path is a symbolic link to a generation's directory, exchanged by one rename, so that what
 * HAProxy would load is all old or all new. The first time a real directory stands there; it is put aside and
 * kept. flat: the directory holds haproxy.cfg and is not ours to exchange; each file is replaced by a rename.
 * How to get back is known, and durable, before anything changes: see undo-swap.ts.
 */
import { basename, dirname, join, relative, resolve } from 'node:path'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'
import type { Layout } from '../haproxy/locate.ts'
import type { BegunSwap, Undo } from '../state/state-file.ts'
import type { CandidateFile } from './candidate.ts'
import { markEntries } from './carry-changes.ts'
import { fileMode, syncTree } from './staging.ts'

export interface SwapPlan {
  readonly layout: Layout
  readonly stageDir: string
  /** Number of the new generation; no directory of that number exists. */
  readonly generation: number
  /** Flat layout: what has to be written and removed. */
  readonly candidate: ReadonlyMap<string, CandidateFile>
  readonly write: readonly string[]
  readonly remove: readonly string[]
}

/** What has to be recorded before the swap. */
export type SwapRecord = Pick<BegunSwap, 'generation' | 'serviceDir' | 'workDir' | 'undo' | 'staged'>

/** Where the new set goes. */
export function generationDir(workDir: string, generation: number): string {
  return join(workDir, `g${generation}`)
}

/** Where a real directory goes that a generation replaces. */
export function asideOf(workDir: string, generation: number): string {
  return join(workDir, `before-g${generation}`)
}

/** Where copies of single files go that a generation replaces, in the flat layout. */
function replacedBy(workDir: string, generation: number): string {
  return join(workDir, `replaced-g${generation}`)
}

/** Makes everything ready that an undo needs; touches nothing that HAProxy loads. */
export async function prepareSwap(files: Files, plan: SwapPlan): Promise<SwapRecord> {
  const { layout, generation, stageDir } = plan
  const { serviceDir, workDir } = layout
  const isFlat = layout.kind === 'flat'
  const undo = isFlat ? await backUp(files, plan) : await undoOfLink(files, plan)
  const staged = isFlat ? new Map<string, string>() : await markEntries(files, stageDir)
  return { generation, serviceDir, workDir, undo, staged: Object.fromEntries(staged) }
}

/**
 * @returns where the directory is now that was live before; undefined where none was exchanged
 * @throws Error of the file system, with anything done or not: `undoSwap` is for that
 */
export async function swap(files: Files, plan: SwapPlan, { undo }: SwapRecord): Promise<string | undefined> {
  if (undo.kind === 'files') {
    await replaceAll(files, plan)
    return undefined
  }
  const { serviceDir: live, workDir } = plan.layout
  const target = generationDir(workDir, plan.generation)
  await files.rename(plan.stageDir, target)
  await files.sync(workDir)
  await prepareLink(files, live, relative(dirname(live), target))
  // Nothing stands at the path between these two renames: nothing else may come between them.
  if (undo.kind === 'directory') await files.rename(live, undo.aside)
  await files.rename(temporaryName(live), live)
  await files.sync(dirname(live))
  if (undo.kind === 'directory') await files.sync(workDir)
  if (undo.kind === 'link') return resolve(dirname(live), undo.target)
  return undo.kind === 'directory' ? undo.aside : undefined
}

async function undoOfLink(files: Files, { layout, generation }: SwapPlan): Promise<Undo> {
  const { serviceDir, workDir } = layout
  const was = await files.kind(serviceDir)
  if (was === 'symlink') return { kind: 'link', target: await files.readLink(serviceDir) }
  return was === 'directory'
    ? { kind: 'directory', aside: asideOf(workDir, generation) }
    : { kind: 'nothing' }
}

/** Points a path to a directory, by one rename. */
export async function pointTo(files: Files, live: string, target: string): Promise<void> {
  await prepareLink(files, live, target)
  await files.rename(temporaryName(live), live)
}

async function prepareLink(files: Files, live: string, target: string): Promise<void> {
  await files.remove(temporaryName(live))
  await files.symlink(target, temporaryName(live))
}

async function backUp(
  files: Files,
  { layout, generation, candidate, write, remove }: SwapPlan,
): Promise<Undo> {
  const backup = replacedBy(layout.workDir, generation)
  await makeDurableDir(files, backup)
  for (const name of [...write, ...remove]) {
    const path = join(layout.serviceDir, name)
    if ((await files.kind(path)) !== undefined) await files.copy(path, join(backup, name))
  }
  await syncTree(files, backup)
  const written = Object.fromEntries(write.map((name) => [name, candidate.get(name)?.digest ?? '']))
  return { kind: 'files', backup, written, removed: remove }
}

/** All temporary files are written first: a full disk is found before the first rename. */
async function replaceAll(
  files: Files,
  { layout, stageDir, generation, candidate, write, remove }: SwapPlan,
): Promise<void> {
  const paths = write.map((name) => join(layout.serviceDir, name))
  await Promise.all(
    paths.map(async (path) => {
      await files.write(temporaryName(path), candidate.get(basename(path))?.text ?? '', fileMode)
      await files.sync(temporaryName(path))
    }),
  )
  for (const path of paths) await files.rename(temporaryName(path), path)
  for (const name of remove) await files.remove(join(layout.serviceDir, name))
  await files.sync(layout.serviceDir)
  await files.rename(stageDir, generationDir(layout.workDir, generation))
}
