/**
 * What is seen of HAProxy and of our files at this moment. Nothing is concluded from what an apply said
 * earlier: an applied set may be edited, HAProxy may die or be restarted by others.
 */
import { listenNames } from '../../shared/haproxy/directives.ts'
import type { Files } from '../../shared/ports/files.ts'
import { readLiveDir } from '../apply/live-dir.ts'
import type { Cli } from '../haproxy/cli.ts'
import { type HaproxyPaths, type Located, locate } from '../haproxy/locate.ts'
import { showProc } from '../haproxy/reload.ts'
import { currentWorker } from '../haproxy/show-proc.ts'
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
   * HAProxy has every section of ours, and either it was confirmed with them or the files are still as applied.
   */
  readonly servingApplied: boolean
}

const askMs = 2_000

export async function observe(
  ports: { readonly files: Files; readonly cli: Cli; readonly blobs: Pick<BlobStore, 'read'> },
  paths: HaproxyPaths,
  state: AgentState,
): Promise<Observed> {
  const located = await locate(ports.files, paths)
  const live = await readLiveDir(ports.files, located.layout.serviceDir)
  const drift = await lookForDrift(ports.blobs, state, live.loaded)
  const workerPid = await findWorker(ports.cli, located)
  const sections = workerPid === undefined ? [] : await askSections(ports.cli, located)
  const ours = new Set(Object.keys(state.files).flatMap((name) => listenNames(live.loaded.get(name) ?? '')))
  const seen = new Set(sections.map(({ name }) => name))
  const complete = [...ours].every((name) => seen.has(name))
  return {
    haproxyRunning: workerPid !== undefined,
    workerPid: workerPid ?? 0,
    servicesDown: sections.filter(({ name, down }) => down && ours.has(name)).map(({ name }) => name),
    drift,
    servingApplied: workerPid !== undefined && complete && (state.confirmed || drift.length === 0),
  }
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

async function findWorker(
  cli: Cli,
  { running, masterSocket, statsSocket }: Located,
): Promise<number | undefined> {
  if (running === undefined) return undefined
  const proc = masterSocket === undefined ? undefined : await showProc(cli, masterSocket)
  if (proc) return currentWorker(proc)
  if (statsSocket === undefined) return undefined
  const info = await cli.ask(statsSocket, 'show info', askMs).catch(() => '')
  const pid = /^Pid: (\d+)$/m.exec(info)?.[1]
  return pid === undefined ? undefined : Number(pid)
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
