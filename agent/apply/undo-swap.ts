/**
 * Takes a swap back: after a failed reload, and at the next start when the agent died in the middle.
 *
 * Each step looks at what is there, so that it can be cut off anywhere itself and simply be done again. What
 * others wrote meanwhile is kept.
 */
import { dirname, join, resolve } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import { type Files, temporaryName } from '../../shared/ports/files.ts'
import type { BegunSwap, Undo } from '../state/state-file.ts'
import { carryChanges, type EntryMarks } from './carry-changes.ts'
import { generationDir, pointTo } from './swap.ts'

type FilesUndo = Extract<Undo, { kind: 'files' }>

/** @throws Error of the file system; then try again later */
export async function undoSwap(files: Files, begun: BegunSwap): Promise<void> {
  const { undo, workDir, generation } = begun
  if (undo.kind === 'files') await putFilesBack(files, begun.serviceDir, undo)
  else await putLinkBack(files, begun, undo)
  await retire(files, workDir, generationDir(workDir, generation))
}

/** What HAProxy would load is one set, whichever. */
export async function isWhole(files: Files, { serviceDir, undo }: BegunSwap): Promise<boolean> {
  if (undo.kind !== 'files') return undo.kind === 'nothing' || (await files.list(serviceDir)) !== undefined
  const isNew = await Promise.all(
    touchedBy(undo).map((name) => hasNew(files, join(serviceDir, name), undo, name)),
  )
  return isNew.every((is) => is) || !isNew.some((is) => is)
}

async function putLinkBack(
  files: Files,
  { serviceDir: live, workDir, generation, staged }: BegunSwap,
  undo: Exclude<Undo, FilesUndo>,
): Promise<void> {
  const home = dirname(live)
  const target = generationDir(workDir, generation)
  await files.remove(temporaryName(live))
  if (await pointsTo(files, live, target)) {
    const old =
      undo.kind === 'link' ? resolve(home, undo.target) : undo.kind === 'directory' ? undo.aside : ''
    const carried = await carryToOld(files, target, old, new Map(Object.entries(staged)))
    if (undo.kind === 'link') await pointTo(files, live, undo.target)
    // A link can't be exchanged with a directory in one step; remove and rename lie microseconds apart.
    else await files.remove(live)
    if (undo.kind === 'directory') await files.rename(old, live)
    await carryToOld(files, target, undo.kind === 'directory' ? live : old, carried)
  } else if (undo.kind === 'directory' && (await files.kind(live)) === undefined) {
    if ((await files.kind(undo.aside)) === 'directory') await files.rename(undo.aside, live)
  }
  await files.sync(home)
  if (undo.kind === 'directory') await files.sync(workDir)
}

async function pointsTo(files: Files, link: string, target: string): Promise<boolean> {
  if ((await files.kind(link)) !== 'symlink') return false
  return resolve(dirname(link), await files.readLink(link)) === target
}

/** @returns the new directory's entries as they are carried now */
async function carryToOld(files: Files, from: string, to: string, before: EntryMarks): Promise<EntryMarks> {
  // Without either directory there is nothing to compare: gone is not emptied.
  const isThere =
    to !== '' && (await files.kind(from)) === 'directory' && (await files.kind(to)) === 'directory'
  return isThere ? await carryChanges(files, from, to, before) : before
}

async function putFilesBack(files: Files, serviceDir: string, undo: FilesUndo): Promise<void> {
  for (const name of touchedBy(undo)) {
    const path = join(serviceDir, name)
    await files.remove(temporaryName(path))
    if (await hasNew(files, path, undo, name)) await restore(files, join(undo.backup, name), path)
  }
  await files.sync(serviceDir)
}

function touchedBy({ written, removed }: FilesUndo): readonly string[] {
  return [...Object.keys(written), ...removed]
}

/** Whether the file is as the swap wanted it. What others wrote since is neither old nor new, and theirs. */
async function hasNew(files: Files, path: string, { written }: FilesUndo, name: string): Promise<boolean> {
  const content = await files.read(path)
  const digest = written[name]
  return content === undefined || digest === undefined
    ? content === undefined && digest === undefined
    : sha256(content.toString('utf8')) === digest
}

async function restore(files: Files, backup: string, path: string): Promise<void> {
  if ((await files.kind(backup)) === undefined) return await files.remove(path)
  await files.copy(backup, temporaryName(path))
  await files.sync(temporaryName(path))
  await files.rename(temporaryName(path), path)
}

/**
 * Under its own name a generation is whole or not there: one that is half removed could be taken for one from
 * which others removed files.
 */
async function retire(files: Files, workDir: string, dir: string): Promise<void> {
  if ((await files.kind(dir)) === undefined) return
  const gone = join(workDir, 'stage-undone')
  await files.remove(gone)
  await files.rename(dir, gone)
  await files.sync(workDir)
  await files.remove(gone)
}
