/** What others did to our files, and what putting them back means for the rest. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Files } from '../../shared/ports/files.ts'
import { type LiveDir, readLiveDir } from '../apply/live-dir.ts'
import { locatePlaced } from '../apply/recover.ts'
import type { HaproxyPaths, Layout } from '../haproxy/locate.ts'
import { type DriftedFile, findDrift, findReworded } from '../observe/drift.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import type { Decision } from './decide.ts'
import { tellVanished } from './vanished-others.ts'

export interface FindPorts {
  readonly files: Files
  readonly blobs: Pick<BlobStore, 'read'>
}

export interface Found {
  readonly state: AgentState
  readonly layout: Layout
  readonly live: LiveDir
  readonly drift: readonly DriftedFile[]
  readonly reworded: ReadonlyMap<string, string>
}

/** What has become of our files, by what is remembered and held. */
export async function findBroken(
  { files, blobs }: FindPorts,
  state: AgentState,
  paths: HaproxyPaths,
): Promise<Found> {
  const { layout } = await locatePlaced(files, paths, state)
  const live = await readLiveDir(files, layout.serviceDir, layout.workDir)
  const differing = findDrift(state.files, live.loaded, new Map())
  const held = await blobs.read(differing.map(({ name }) => state.files[name]?.digest ?? ''))
  const drift = findDrift(state.files, live.loaded, held)
  return { state, layout, live, drift, reworded: findReworded(state.files, live.loaded, held) }
}

/** Base names of what HAProxy loads from there and is not ours. */
export function othersOf({ state, live }: Found): readonly string[] {
  return [...live.loaded.keys()].filter((name) => !(name in state.files))
}

/** Base names, for people. */
export interface Told {
  /** Had vanished. */
  readonly restored: readonly string[]
  /** Had been changed. */
  readonly repaired: readonly string[]
  /** Of others, gone as well; each with where a copy is. */
  readonly othersVanished: readonly string[]
}

export interface Todo {
  readonly names: readonly string[]
  /** Files of ours that stay as they are. */
  readonly left: ReadonlySet<string>
  readonly told: Told
}

/** @param othersBefore - base names of files of others that were there before */
export async function planRepair(
  { files }: FindPorts,
  { state, layout, live }: Found,
  { putBack }: Decision,
  othersBefore: readonly string[],
): Promise<Todo> {
  const names = putBack.map(({ name }) => name)
  const isAsApplied = (name: string, digest: string) => {
    const text = live.loaded.get(name)
    return text !== undefined && sha256(text) === digest
  }
  const left = Object.entries(state.files)
    .filter(([name, { digest }]) => !names.includes(name) && !isAsApplied(name, digest))
    .map(([name]) => name)
  const others = new Set([...othersBefore, ...Object.keys(state.foreign)])
  const gone = [...others].filter((name) => !live.loaded.has(name) && !(name in state.files))
  const ofKind = (wanted: string) => putBack.filter(({ kind }) => kind === wanted).map(({ name }) => name)
  return {
    names,
    left: new Set(left),
    told: {
      restored: ofKind('missing'),
      repaired: ofKind('changed'),
      othersVanished: await tellVanished(files, layout.workDir, gone.toSorted()),
    },
  }
}
