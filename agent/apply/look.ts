/**
 * Looks at the live directory, and says what a candidate would change there.
 */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Located } from '../haproxy/locate.ts'
import type { AgentState } from '../state/state-file.ts'
import type { Candidate } from './candidate.ts'
import { type Comparison, compare } from './compare.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError } from './fault-error.ts'
import { foreignDigest, type LiveDir, readLiveDir } from './live-dir.ts'
import { setsKey } from './validate.ts'

export interface Found {
  readonly live: LiveDir
  /** Changes when anything in the live directory does. */
  readonly liveDigest: string
  /** Changes when something that is not ours does. */
  readonly foreign: string
  readonly comparison: Comparison
  /** Base names that are, were or become ours. */
  readonly ours: (name: string) => boolean
}

/** @throws FaultError SERVICE_DIR_NOT_LOADED */
export async function look(
  ports: EnginePorts,
  state: AgentState,
  candidate: Candidate,
  { layout, configPaths }: Located,
): Promise<Found> {
  if (!configPaths.includes(layout.serviceDir)) {
    const message = `HAProxy does not load ${layout.serviceDir}; it was started with -f ${configPaths.join(' -f ')}`
    throw new FaultError({ stage: 'stage', code: 'SERVICE_DIR_NOT_LOADED', message })
  }
  const live = await readLiveDir(ports.files, layout.serviceDir)
  const digests = Object.values(state.files).map(({ digest }) => digest)
  const texts = state.confirmed ? await ports.blobs.read(digests) : new Map<string, string>()
  const loaded = new Map(
    Object.entries(state.files).flatMap(([name, { digest }]) => {
      const text = texts.get(digest)
      return text === undefined ? [] : [[name, text] as const]
    }),
  )
  const ours = (name: string) => candidate.files.has(name) || name in state.files
  return {
    live,
    liveDigest: foreignDigest(live, () => false),
    foreign: foreignDigest(live, ours),
    comparison: compare({ candidate: candidate.files, live: live.loaded, owned: state.files, loaded }),
    ours,
  }
}

/** Everything that decides what `haproxy -c` says: program, its own files, files of others, all our variants. */
export async function validationKeyOf(
  ports: EnginePorts,
  options: EngineOptions,
  { configPaths, layout }: Located,
  { foreign }: Found,
  candidate: Candidate,
): Promise<string> {
  const texts: string[] = []
  for (const path of configPaths) {
    if (path === layout.serviceDir) continue
    const isDirectory = (await ports.files.list(path)) !== undefined
    texts.push(
      isDirectory
        ? foreignDigest(await readLiveDir(ports.files, path), () => false)
        : String((await ports.files.read(path)) ?? ''),
    )
  }
  return sha256(JSON.stringify([options.haproxyBin, configPaths, texts, foreign, setsKey(candidate)]))
}
