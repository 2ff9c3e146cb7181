/** Whose each file in HAProxy's directory is, and whose it would become by a publish. Pure. */
import { sha256 } from '../shared/digest/sha256.ts'
import { canonicalText } from '../shared/haproxy/canonical.ts'
import { listenNames } from '../shared/haproxy/directives.ts'
import type { Blobs } from '../shared/model/snapshot.ts'
import { findDrift } from './observe/drift.ts'
import type { AgentState } from './state/state-file.ts'

export interface AdoptedFile {
  readonly name: string
  /**
   * `ours`: published here. `would-adopt`: its owner has nothing here yet; the first publish of it takes the file over.
   * `others`: nobody's that publishes; never touched.
   */
  readonly kind: 'ours' | 'would-adopt' | 'others'
  /** Empty for files of others. */
  readonly owner: string
  /** Of ours, how it is on disk; empty otherwise. */
  readonly state: 'as applied' | 'same meaning' | 'changed' | 'missing' | ''
  /** Of a changed one. */
  readonly diff: string
  /** Why it is taken for a file of others though it does not look like one; else empty. */
  readonly note: string
}

/**
 * @param live - text of each file that HAProxy loads from the directory, by base name
 * @param held - contents by digest
 * @param reserved - base names that are never ours
 */
export function planAdoption(
  state: AgentState,
  live: ReadonlyMap<string, string>,
  held: Blobs,
  reserved: ReadonlySet<string>,
): readonly AdoptedFile[] {
  const names = new Set([...Object.keys(state.files), ...live.keys()])
  return [...names]
    .filter((name) => !reserved.has(name))
    .sort()
    .map((name) =>
      name in state.files ? ownFile(name, state, live, held) : otherFile(name, state, live.get(name) ?? ''),
    )
}

function ownFile(
  name: string,
  { files }: AgentState,
  live: ReadonlyMap<string, string>,
  held: Blobs,
): AdoptedFile {
  const { owner = '', digest } = files[name] ?? {}
  const drift = findDrift({ [name]: { digest: digest ?? '', owner } }, live, held)[0]
  const isSame = sha256(live.get(name) ?? '') === digest
  const own = { name, kind: 'ours', owner, diff: drift?.diff ?? '', note: '' } as const
  return { ...own, state: drift?.kind ?? (isSame ? 'as applied' : 'same meaning') }
}

function otherFile(name: string, { node, snapshot }: AgentState, text: string): AdoptedFile {
  const owner = pigstyOwner(name, text, node)
  const isPublished = snapshot.assignments.some((assignment) => assignment.owner === owner)
  if (owner !== undefined && !isPublished)
    return { name, kind: 'would-adopt', owner, state: '', diff: '', note: '' }
  const note = owner === undefined ? '' : `looks like one of ${owner}, which was published here without it`
  return { name, kind: 'others', owner: '', state: '', diff: '', note }
}

/**
 * Whose file Pigsty has written: one `listen` section that has the file's name; of a cluster when that name begins
 * with the cluster's and all servers are its instances, `<cluster>-<number>`; else of the node's own services.
 */
function pigstyOwner(name: string, text: string, node: string): string | undefined {
  const [section = '', ...more] = listenNames(text)
  if (section === '' || more.length > 0 || name !== `${section}.cfg`) return undefined
  const servers = canonicalText(text)
    .split('\n')
    .flatMap((line) => /^server (\S+)/.exec(line)?.[1] ?? [])
  const clusters = new Set(servers.map((server) => /^(.+)-\d+$/.exec(server)?.[1]))
  const [cluster] = clusters
  const isOfCluster = clusters.size === 1 && cluster !== undefined && section.startsWith(`${cluster}-`)
  return isOfCluster ? cluster : `node:${node}`
}
