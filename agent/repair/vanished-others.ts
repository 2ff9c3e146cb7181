/** Files of others that went away together with ours: they cannot come back by us, but may be kept somewhere. */
import { join } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'
import { keepCopies } from '../apply/keep-copies.ts'

/**
 * @param names - base names of the files that are gone
 * @returns a phrase for each: its name, and where its copy is when an earlier generation had one
 */
export async function tellVanished(
  files: Files,
  workDir: string,
  names: readonly string[],
): Promise<readonly string[]> {
  return await Promise.all(names.map((name) => tellOne(files, workDir, name)))
}

async function tellOne(files: Files, workDir: string, name: string): Promise<string> {
  const dirs = await generations(files, workDir)
  for (const dir of dirs) {
    const content = await files.read(join(dir, name)).catch(() => undefined)
    if (content === undefined) continue
    const copies = await keepCopies(files, workDir, [{ name, text: content.toString('utf8') }])
    const copy = copies.get(name)
    return `${name} (a copy is ${copy})`
  }
  return name
}

/** The newest first. */
async function generations(files: Files, workDir: string): Promise<readonly string[]> {
  const names = ((await files.list(workDir)) ?? []).map((entry) => entry.name)
  const numberOf = (name: string) => Number(/^(?:before-)?g(\d+)$/.exec(name)?.[1] ?? Number.NaN)
  return names
    .filter((name) => !Number.isNaN(numberOf(name)))
    .sort((a, b) => numberOf(b) - numberOf(a))
    .map((name) => join(workDir, name))
}
