/**
 * Puts a staged set in the live one's place.
 *
 * conf.d: the live path is a symbolic link to a generation's directory, exchanged by one rename, so that what
 * HAProxy would load is all old or all new. The first time a real directory stands there; it is put aside and
 * kept. flat: the directory holds haproxy.cfg and is not ours to exchange; each file is replaced by a rename.
 */
import { basename, dirname, join, relative, resolve } from 'node:path'
import { type Files, temporaryName } from '../../shared/ports/files.ts'
import type { Layout } from '../haproxy/locate.ts'
import type { CandidateFile } from './candidate.ts'
import { carryChanges, stampEntries } from './carry-changes.ts'
import { fileMode } from './staging.ts'

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

export interface Swapped {
  /** Where the directory is now that was live before; undefined where none was exchanged. */
  readonly oldDir: string | undefined
  /** Puts back what was there before; call it at most once. */
  readonly undo: () => Promise<void>
}

/** Where a real directory goes that a generation replaces. */
export function asideOf({ workDir }: Layout, generation: number): string {
  return join(workDir, `before-g${generation}`)
}

/** @throws Error of the file system; then everything is as before */
export async function swap(files: Files, plan: SwapPlan): Promise<Swapped> {
  return plan.layout.kind === 'flat' ? await swapFiles(files, plan) : await swapLink(files, plan)
}

async function swapLink(files: Files, { layout, stageDir, generation }: SwapPlan): Promise<Swapped> {
  const live = layout.serviceDir
  const target = join(layout.workDir, `g${generation}`)
  const aside = asideOf(layout, generation)
  const was = await files.kind(live)
  const oldTarget = was === 'symlink' ? await files.readLink(live) : undefined
  const staged = await stampEntries(files, stageDir)
  await files.rename(stageDir, target)
  await files.sync(layout.workDir)
  const back = async () => {
    const isMoved = was === 'directory' && (await files.kind(aside)) !== undefined
    if (oldTarget !== undefined) await pointTo(files, live, oldTarget)
    else {
      // A link can't be exchanged with a directory in one step; remove and rename lie microseconds apart.
      if (was !== 'directory' || isMoved) await removeLink(files, live)
      if (isMoved) await files.rename(aside, live)
    }
    await files.sync(dirname(live))
    // Between swap and undo others wrote into the new directory.
    if (was !== undefined) await carryChanges(files, target, live, staged)
    await files.remove(target)
  }
  try {
    await prepareLink(files, live, relative(dirname(live), target))
    // Nothing stands at the path between these two renames: nothing else may come between them.
    if (was === 'directory') await files.rename(live, aside)
    await files.rename(temporaryName(live), live)
    await files.sync(dirname(live))
  } catch (error) {
    await files.remove(temporaryName(live))
    await back()
    throw error
  }
  const oldDir = oldTarget === undefined ? aside : resolve(dirname(live), oldTarget)
  return { oldDir: was === undefined ? undefined : oldDir, undo: back }
}

async function removeLink(files: Files, path: string): Promise<void> {
  if ((await files.kind(path)) === 'symlink') await files.remove(path)
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

async function swapFiles(files: Files, plan: SwapPlan): Promise<Swapped> {
  const { serviceDir, workDir } = plan.layout
  const backup = join(workDir, `before-g${plan.generation}`)
  const touched = [...plan.write, ...plan.remove]
  await files.makeDir(backup)
  for (const name of touched) {
    if ((await files.kind(join(serviceDir, name))) !== undefined) {
      await files.copy(join(serviceDir, name), join(backup, name))
    }
  }
  await files.sync(backup)
  const back = async () => {
    for (const name of touched) await restore(files, join(backup, name), join(serviceDir, name))
    await files.sync(serviceDir)
  }
  try {
    await replaceAll(files, plan)
  } catch (error) {
    await back()
    throw error
  }
  await files.rename(plan.stageDir, join(workDir, `g${plan.generation}`))
  const undo = async () => {
    await back()
    await files.remove(join(workDir, `g${plan.generation}`))
  }
  return { oldDir: undefined, undo }
}

/** All temporary files are written first: a full disk is found before the first rename. */
async function replaceAll(files: Files, { layout, candidate, write, remove }: SwapPlan): Promise<void> {
  const paths = write.map((name) => join(layout.serviceDir, name))
  try {
    await Promise.all(
      paths.map(async (path) => {
        await files.write(temporaryName(path), candidate.get(basename(path))?.text ?? '', fileMode)
        await files.sync(temporaryName(path))
      }),
    )
    for (const path of paths) await files.rename(temporaryName(path), path)
  } finally {
    for (const path of paths) await files.remove(temporaryName(path))
  }
  for (const name of remove) await files.remove(join(layout.serviceDir, name))
  await files.sync(layout.serviceDir)
}

async function restore(files: Files, backup: string, path: string): Promise<void> {
  if ((await files.kind(backup)) === undefined) return await files.remove(path)
  await files.copy(backup, temporaryName(path))
  await files.rename(temporaryName(path), path)
}
