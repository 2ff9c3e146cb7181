/**
 * Writes a candidate set beside the live one: everything of others as it is, everything of ours as it shall be.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { type Entry, type EntryKind, type Files, makeDurableDir } from '../../shared/ports/files.ts'
import type { CandidateFile } from './candidate.ts'
import type { LiveDir } from './live-dir.ts'

export interface StagingPlan {
  /** Directory to make; must not exist. */
  readonly stageDir: string
  readonly serviceDir: string
  readonly live: LiveDir
  readonly candidate: ReadonlyMap<string, CandidateFile>
  /** Base names that are, were or become ours. */
  readonly ours: (name: string) => boolean
  /** Also what HAProxy does not load; needed when the staged directory takes the live one's place. */
  readonly carryAll: boolean
}

/** HAProxy's master reads the files as root, an operator reads them as anybody. */
export const fileMode = 0o644

/**
 * Not durable yet: `syncTree` does that, at the same time as HAProxy checks the files.
 *
 * @throws Error of the file system
 */
export async function stageSet(files: Files, plan: StagingPlan): Promise<void> {
  await makeDurableDir(files, dirname(plan.stageDir))
  await files.makeDir(plan.stageDir)
  // Who may look into it is others' choice, as what lies in it is.
  if (plan.carryAll && plan.live.kind !== 'missing')
    await files.copyAttributes(plan.serviceDir, plan.stageDir)
  const carried = plan.live.entries.filter(
    ({ name }) => !plan.ours(name) && (plan.carryAll || plan.live.loaded.has(name)),
  )
  await Promise.all([
    ...carried.map((entry) => carry(files, plan, entry)),
    ...[...plan.candidate.values()].map(({ name, text }) =>
      files.write(join(plan.stageDir, name), text, fileMode),
    ),
  ])
}

async function carry(files: Files, plan: StagingPlan, { name, kind }: Entry): Promise<void> {
  const from = join(plan.serviceDir, name)
  const to = join(plan.stageDir, name)
  if (kind !== 'symlink') return kind === 'other' ? undefined : await files.copy(from, to)
  // A relative link would point elsewhere from the generation's directory.
  const target = await files.readLink(from)
  await files.symlink(isAbsolute(target) ? target : resolve(plan.serviceDir, target), to)
}

/** Makes a file, or a directory with everything in it, durable; not yet its own name. */
export async function syncTree(files: Files, path: string): Promise<void> {
  const entries = (await files.list(path)) ?? []
  await Promise.all(
    entries.map(({ name, kind }) => (isSynced(kind) ? syncTree(files, join(path, name)) : undefined)),
  )
  await files.sync(path)
}

/** A link is part of its directory. */
function isSynced(kind: EntryKind): boolean {
  return kind === 'file' || kind === 'directory'
}
