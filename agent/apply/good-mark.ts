/**
 * Says beside the generations which one went through last, for when the agent's own memory is lost. A link: whoever
 * looks sees what it means, and one rename exchanges it.
 *
 * Not made durable: after a power loss it may name the one before, and the agent puts it right when it starts.
 */
import { basename, join } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'
import { generationDir, pointTo } from './swap.ts'

function markPath(workDir: string): string {
  return join(workDir, 'good')
}

/** @returns the number of the generation; 0 for none */
export async function markedGood(files: Files, workDir: string): Promise<number> {
  const path = markPath(workDir)
  if ((await files.kind(path)) !== 'symlink') return 0
  return Number(/^g(\d+)$/.exec(await files.readLink(path))?.[1] ?? 0)
}

export async function markGood(files: Files, workDir: string, generation: number): Promise<void> {
  if ((await markedGood(files, workDir)) === generation) return
  await pointTo(files, markPath(workDir), basename(generationDir(workDir, generation)))
}
