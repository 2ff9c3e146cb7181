/**
 * Copies of what others wrote and we replace: Ansible's files when their cluster is published for the first time,
 * edits that are put right. Nothing here is ever removed by us; the operator may.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import { canonicalText } from '../../shared/haproxy/canonical.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'
import type { AgentState } from '../state/state-file.ts'
import type { LiveFileText } from './outcome.ts'
import { fileMode } from './staging.ts'

export interface KeptText {
  /** Base name. */
  readonly name: string
  readonly text: string
}

/** What is about to go, and is not what we had written. */
export function writtenByOthers(
  { files }: Pick<AgentState, 'files'>,
  liveFiles: readonly LiveFileText[],
): readonly KeptText[] {
  return liveFiles.flatMap(({ name, text }) => {
    const digests = [files[name]?.digest, files[name]?.taken]
    return text === undefined || digests.includes(sha256(text)) ? [] : [{ name, text }]
  })
}

/** Where the copies are; HAProxy does not look into it. */
export function keptDir(workDir: string): string {
  return join(workDir, 'kept')
}

/**
 * One copy per meaning: a program that writes the same again and again, with the time on top, fills no disk.
 *
 * @returns the copies' paths, by base name
 */
export async function keepCopies(
  files: Files,
  workDir: string,
  texts: readonly KeptText[],
): Promise<ReadonlyMap<string, string>> {
  const dir = keptDir(workDir)
  const copies = texts.map(({ name, text }) => ({
    name,
    path: join(dir, `${name}.${sha256(canonicalText(text)).slice(0, 12)}`),
    text,
  }))
  if (copies.length === 0) return new Map()
  await makeDurableDir(files, dir)
  for (const { path, text } of copies) {
    if ((await files.kind(path)) !== undefined) continue
    const temporary = temporaryName(path)
    await files.write(temporary, text, fileMode)
    await files.sync(temporary)
    await files.rename(temporary, path)
  }
  await files.sync(dir)
  return new Map(copies.map(({ name, path }) => [name, path]))
}
