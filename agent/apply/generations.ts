/** The numbered directories in the work directory: which number comes next, which are kept. */
import { join } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'

/** Generations kept, the one in place included. */
const kept = 3

const numbered = /^(before-)?g(\d+)$/

/** A number higher than any that was ever used here, also by an apply that was cut off. */
export async function nextGeneration(files: Files, workDir: string, current: number): Promise<number> {
  return Math.max(current, ...(await numbers(files, workDir))) + 1
}

async function numbers(files: Files, workDir: string): Promise<readonly number[]> {
  return ((await files.list(workDir)) ?? []).flatMap(({ name }) => Number(numbered.exec(name)?.[2] ?? 0))
}

/**
 * Removes generations that are too old. What stood there before the very first one stays: it is the
 * operator's way back.
 */
export async function pruneGenerations(files: Files, workDir: string, current: number): Promise<void> {
  const entries = (await files.list(workDir)) ?? []
  const befores = entries.filter(({ name }) => name.startsWith('before-g'))
  const first = Math.min(...befores.map(({ name }) => Number(numbered.exec(name)?.[2] ?? Infinity)))
  for (const { name } of entries) {
    const number = Number(numbered.exec(name)?.[2] ?? Infinity)
    if (number > current - kept || name === `before-g${first}`) continue
    await files.remove(join(workDir, name))
  }
}

/** Removes what an apply that was cut off left behind. */
export async function removeLeftovers(files: Files, workDir: string): Promise<void> {
  for (const { name } of (await files.list(workDir)) ?? []) {
    if (/^(stage|check)-/.test(name)) await files.remove(join(workDir, name))
  }
}
