/**
 * `pgsvc agent adopt --dry-run`: what publishes would take over on this node, and what they never touch.
 *
 * Only reads, and needs neither a controller nor a stopped agent.
 */
import { join } from 'node:path'
import type { Files } from '../shared/ports/files.ts'
import { type AdoptedFile, planAdoption } from './adopt-plan.ts'
import { keptDir } from './apply/keep-copies.ts'
import { readLiveDir } from './apply/live-dir.ts'
import { locatePlaced } from './apply/recover.ts'
import type { HaproxyPaths } from './haproxy/locate.ts'
import { createBlobStore } from './state/blob-store.ts'
import { createStateFile } from './state/state-file.ts'

export interface AdoptionReport {
  readonly node: string
  readonly serviceDir: string
  readonly layout: string
  readonly haproxyRunning: boolean
  readonly files: readonly AdoptedFile[]
  /** Paths of copies that are kept of what was taken over or put right. */
  readonly kept: readonly string[]
}

export interface AdoptOptions {
  readonly node: string
  readonly stateDir: string
  readonly paths: HaproxyPaths
}

/** @throws AppError `STATE_UNREADABLE`, `STATE_OF_OTHER_NODE` */
export async function reportAdoption(
  files: Files,
  { node, stateDir, paths }: AdoptOptions,
): Promise<AdoptionReport> {
  const state = await createStateFile(files, stateDir).load(node)
  const { layout, running } = await locatePlaced(files, paths, state)
  const live = await readLiveDir(files, layout.serviceDir)
  const blobs = createBlobStore(files, join(stateDir, 'blobs'))
  const held = await blobs.read(Object.values(state.files).map(({ digest }) => digest))
  const dir = keptDir(layout.workDir)
  const kept = ((await files.list(dir)) ?? []).filter(({ name }) => !name.startsWith('.'))
  return {
    node,
    serviceDir: layout.serviceDir,
    layout: layout.kind,
    haproxyRunning: running !== undefined,
    files: planAdoption(state, live.loaded, held, layout.reserved),
    kept: kept.map(({ name }) => join(dir, name)),
  }
}

/** For people. */
export function adoptionText({ node, files, kept, ...where }: AdoptionReport): string {
  const owners = [...new Set(files.filter(({ kind }) => kind === 'would-adopt').map(({ owner }) => owner))]
  const adopted = owners.map((owner) => {
    const own = files.filter((file) => file.kind === 'would-adopt' && file.owner === owner)
    return block(`taken over by the first publish of ${owner} (a copy is kept):`, own.map(line))
  })
  const of = (kind: AdoptedFile['kind']) => files.filter((file) => file.kind === kind).map(line)
  return [
    `node ${node}, ${where.serviceDir} (${where.layout}), HAProxy ${where.haproxyRunning ? 'runs' : 'does not run'}\n`,
    ...adopted,
    block('published here:', of('ours')),
    block('of others, never touched:', of('others')),
    block('copies kept:', kept),
    'nothing was changed; what a publish would change in meaning: pgsql-svc <cls> <node> --check --diff\n',
  ].join('')
}

function block(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((text) => `  ${text}\n`).join('')}`
}

function line({ name, owner, kind, state, note, diff }: AdoptedFile): string {
  if (kind === 'would-adopt') return printable(name)
  if (kind === 'others') return printable(note === '' ? name : `${name} (${note})`)
  const shown = diff === '' ? [] : diff.trimEnd().split('\n')
  return [`${name} of ${owner}, ${state}`, ...shown.map((text) => `    ${text}`)].map(printable).join('\n  ')
}

/** Others name and write files: nothing of theirs may steer a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}')
}
