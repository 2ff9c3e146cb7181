/**
 * What a node's refusals depend on beside the files that were refused: HAProxy's program and its own files, files of
 * others, and for some what the host has at the moment.
 */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Fault } from '../../shared/errors/fault.ts'
import type { Assignment } from '../../shared/model/snapshot.ts'
import type { Located } from '../haproxy/locate.ts'
import { digestsOf } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { makeCandidate } from './candidate.ts'
import { checkBinds } from './check-binds.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { foreignDigest, readLiveDir } from './live-dir.ts'
import { configTexts, programIdentity } from './look.ts'
import { locatePlaced } from './recover.ts'

const ofHost: ReadonlySet<string> = new Set(['PORT_TAKEN', 'ADDRESS_MISSING'])
const ofHaproxy: ReadonlySet<string> = new Set([
  'HAPROXY_REFUSED',
  'HAPROXY_MISSING',
  'CHECK_TIMEOUT',
  'PORT_CLASH',
  'FOREIGN_FILE_BROKEN',
  'MAIN_CONFIG_MISSING',
])

/** The same files may be taken another time, and finding out harms nothing that runs. Pure. */
export function mayPass({ code }: Fault): boolean {
  return ofHost.has(code) || ofHaproxy.has(code)
}

export interface Circumstances {
  /** Changes when something does that may let the node take what it has refused. */
  readonly digest: string
  /** Nobody has changed files of ours: they are as they were applied, or mean the same. */
  readonly isAsApplied: boolean
}

/** Reads only. */
export async function readCircumstances(
  ports: EnginePorts,
  options: EngineOptions,
  state: AgentState,
): Promise<Circumstances> {
  const located = await locatePlaced(ports.files, options.paths, state)
  const live = await readLiveDir(ports.files, located.layout.serviceDir, located.layout.workDir)
  const facts = [
    await programIdentity(ports, options.haproxyBin),
    located.configPaths,
    await configTexts(ports.files, located),
    foreignDigest(live, (name) => name in state.files),
    await hostFaults(ports, located, state),
  ]
  const isAsApplied = Object.entries(state.files).every(([name, { digest, taken }]) => {
    const text = live.loaded.get(name)
    return text !== undefined && [digest, taken].includes(sha256(text))
  })
  return { digest: sha256(JSON.stringify(facts)), isAsApplied }
}

/** Of owners that were refused for what the host has: how they would be now. */
async function hostFaults(
  ports: EnginePorts,
  located: Located,
  { wanted, failed, quarantined }: AgentState,
): Promise<readonly Fault[]> {
  const refused = [...quarantined.map(({ fault }) => fault), ...(failed ? [failed.fault] : [])]
  const owners = new Set(refused.filter(({ code }) => ofHost.has(code)).map(({ owner }) => owner))
  const assignments = (wanted?.assignments ?? []).filter(({ owner }) => owners.has(owner))
  return assignments.length === 0 ? [] : await bindFaults(ports, located, assignments)
}

async function bindFaults(
  ports: EnginePorts,
  located: Located,
  assignments: readonly Assignment[],
): Promise<readonly Fault[]> {
  const snapshot = { version: 0, assignments }
  const digests = digestsOf(snapshot)
  const blobs = await ports.blobs.read([...digests])
  if ([...digests].some((digest) => !blobs.has(digest))) return []
  const candidate = makeCandidate(snapshot, blobs)
  return await checkBinds(ports, { located, candidate, isNew: () => true, foreign: new Map() })
}
