/**
 * Puts the service directory back where an apply that was cut off, or somebody else, left nothing at its path.
 *
 * The first swap needs two renames: the real directory aside, the link in its place. A death between them
 * leaves no directory, and taking that for an empty one would lose every file of others.
 */
import { dirname, join, relative } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'
import { type HaproxyPaths, type Located, locate } from '../haproxy/locate.ts'
import type { AgentState } from '../state/state-file.ts'
import { asideOf, pointTo } from './swap.ts'

/** @returns where HAProxy and its files are, after what could be put back was */
export async function locateRecovered(
  files: Files,
  paths: HaproxyPaths,
  state: AgentState,
): Promise<Located> {
  const { begun } = state
  // By the record first: with its directory gone, and HAProxy down, the layout would be misjudged.
  if (begun && begun.aside !== '') await putBack(files, begun.aside, begun.serviceDir)
  const located = await locate(files, paths)
  const { layout } = located
  if (layout.kind === 'flat' || (await files.kind(layout.serviceDir)) !== undefined) return located
  const numbers = await generationsIn(files, layout.workDir, 'before-g')
  const aside = Math.max(...numbers.filter((number) => number > state.generation))
  if (Number.isFinite(aside)) await putBack(files, asideOf(layout, aside), layout.serviceDir)
  else await pointToNewest(files, located, state)
  return located
}

async function putBack(files: Files, aside: string, serviceDir: string): Promise<void> {
  if ((await files.kind(serviceDir)) !== undefined) return
  if ((await files.kind(aside)) !== 'directory') return
  await files.rename(aside, serviceDir)
  await files.sync(dirname(serviceDir))
}

/** Only the link went, e.g. by `rm -rf`: what it pointed to still holds everything. */
async function pointToNewest(files: Files, { layout }: Located, state: AgentState): Promise<void> {
  const numbers = await generationsIn(files, layout.workDir, 'g')
  if (!numbers.includes(state.generation)) return
  const target = join(layout.workDir, `g${state.generation}`)
  await pointTo(files, layout.serviceDir, relative(dirname(layout.serviceDir), target))
  await files.sync(dirname(layout.serviceDir))
}

async function generationsIn(files: Files, workDir: string, prefix: string): Promise<readonly number[]> {
  const names = ((await files.list(workDir)) ?? []).filter(({ kind }) => kind === 'directory')
  return names.flatMap(({ name }) => {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    return /^\d+$/.test(rest) ? [Number(rest)] : []
  })
}
