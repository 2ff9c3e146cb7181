/** The numbered directories in the work directory: which number comes next, which are kept. */
import { join } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'

/** Generations kept, the one in place included. */
const kept = 3

const numbered = /^(before-|replaced-)?g(\d+)$/

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
  const found = ((await files.list(workDir)) ?? []).flatMap(({ name }) => {
    const [, prefix = '', number] = numbered.exec(name) ?? []
    return number === undefined ? [] : [{ name, prefix, number: Number(number) }]
  })
  const isFirst = ({ prefix, number }: (typeof found)[number]) =>
    prefix !== '' && found.every((other) => other.prefix !== prefix || other.number >= number)
  for (const one of found) {
    if (one.number <= current - kept && !isFirst(one)) await files.remove(join(workDir, one.name))
  }
}

/** Removes what an apply that was cut off left behind. */
export async function removeLeftovers(files: Files, workDir: string): Promise<void> {
  for (const { name } of (await files.list(workDir)) ?? []) {
    if (/^(stage|check)-/.test(name)) await files.remove(join(workDir, name))
  }
}
