/**
 * What is seen of HAProxy and of our files at this moment. Nothing is concluded from what an apply said
 * earlier: an applied set may be edited, HAProxy may die or be restarted by others.
 */
import { listenNames } from '../../shared/haproxy/directives.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import { loadedAsOnDisk } from '../apply/has-loaded.ts'
import { type LiveDir, readLiveDir } from '../apply/live-dir.ts'
import type { Cli } from '../haproxy/cli.ts'
import { findWorker } from '../haproxy/current-worker.ts'
import { type HaproxyPaths, type Located, locate } from '../haproxy/locate.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type DriftedFile, findDrift } from './drift.ts'
import { parseShowStat, type SectionState } from './show-stat.ts'

export interface Observed {
  readonly haproxyRunning: boolean
  /** 0 when HAProxy does not run. */
  readonly workerPid: number
  /** Sections of ours that have servers, none of them usable. */
  readonly servicesDown: readonly string[]
  readonly drift: readonly DriftedFile[]
  /**
   * HAProxy has every section of ours, and either a reload with them was seen, or the files are as applied and
   * the worker has loaded them; never while it is open how an apply ended.
   */
  readonly servingApplied: boolean
}

const askMs = 2_000

export interface ObservePorts {
  readonly files: Files
  readonly clock: Clock
  readonly cli: Cli
  readonly blobs: Pick<BlobStore, 'read'>
}

export async function observe(
  ports: ObservePorts,
  paths: HaproxyPaths,
  state: AgentState,
): Promise<Observed> {
  const located = await locate(ports.files, paths)
  const live = await readLiveDir(ports.files, located.layout.serviceDir)
  const drift = await lookForDrift(ports.blobs, state, live.loaded)
  const workerPid = (await findWorker(ports.cli, located))?.pid
  const sections = workerPid === undefined ? [] : await askSections(ports.cli, located)
  const ours = new Set(Object.keys(state.files).flatMap((name) => listenNames(live.loaded.get(name) ?? '')))
  const seen = new Set(sections.map(({ name }) => name))
  const complete = [...ours].every((name) => seen.has(name))
  return {
    haproxyRunning: workerPid !== undefined,
    workerPid: workerPid ?? 0,
    servicesDown: sections.filter(({ name, down }) => down && ours.has(name)).map(({ name }) => name),
    drift,
    servingApplied:
      workerPid !== undefined &&
      complete &&
      !state.mustReload &&
      ((state.confirmed && !hasLoadedOthers(state)) ||
        (drift.length === 0 && (await isLoaded(ports, state, located, live)))),
  }
}

/** Some file of ours was loaded as others had written it. */
function hasLoadedOthers({ files, foreign }: AgentState): boolean {
  return Object.entries(files).some(([name, { taken }]) => name in foreign && foreign[name] !== taken)
}

async function isLoaded(
  ports: ObservePorts,
  { files }: AgentState,
  located: Located,
  live: LiveDir,
): Promise<boolean> {
  const loaded = await loadedAsOnDisk(ports, located, live)
  return Object.keys(files).every((name) => loaded.has(name))
}

async function lookForDrift(
  blobs: Pick<BlobStore, 'read'>,
  { files }: AgentState,
  live: ReadonlyMap<string, string>,
): Promise<readonly DriftedFile[]> {
  const byBytes = findDrift(files, live, new Map())
  // Only what differs is read: this runs at every heartbeat.
  const digests = byBytes.map(({ name }) => files[name]?.digest ?? '').filter((digest) => digest !== '')
  return digests.length === 0 ? byBytes : findDrift(files, live, await blobs.read(digests))
}

async function askSections(
  cli: Cli,
  { statsSocket, masterSocket }: Located,
): Promise<readonly SectionState[]> {
  const path = statsSocket ?? masterSocket
  if (path === undefined) return []
  const command = statsSocket === undefined ? '@1 show stat' : 'show stat'
  return parseShowStat(await cli.ask(path, command, askMs).catch(() => ''))
}
