/** Reloads HAProxy with what is on disk now, the servers' states handed over. */
import type { Located } from '../haproxy/locate.ts'
import type { ReloadResult } from '../haproxy/reload.ts'
import { reloadCarrying } from '../server-state/carried-reload.ts'
import type { AgentState } from '../state/state-file.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { readLiveDir } from './live-dir.ts'
import type { PreparedSet } from './outcome.ts'

/** @param loaded - text of the files that the running worker has loaded, as far as it is known */
export async function reloadSet(
  ports: EnginePorts,
  options: EngineOptions,
  located: Located,
  loaded: Iterable<string>,
): Promise<ReloadResult> {
  const next = await readLiveDir(ports.files, located.layout.serviceDir)
  return await reloadCarrying(
    ports,
    located,
    { next: next.loaded.values(), loaded },
    { command: options.reloadCommand, timeoutMs: options.reloadTimeoutMs },
  )
}

/** Files that the running worker has by the last apply, else those that were on disk. */
export async function loadedByState(
  ports: EnginePorts,
  state: AgentState,
  { liveFiles }: PreparedSet,
): Promise<Iterable<string>> {
  const digests = state.confirmed ? Object.entries(state.files) : []
  const texts = await ports.blobs.read(digests.map(([, { digest }]) => digest))
  // A file that was not ours until now, e.g. Ansible's, is known from the disk alone.
  const taken = liveFiles.filter(({ name }) => !digests.some(([own]) => own === name))
  return [...texts.values(), ...taken.flatMap(({ text }) => (text === undefined ? [] : [text]))]
}
