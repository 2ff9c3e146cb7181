/** What the services on this node say about servers that are marked down. */
import { basename } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'
import type { Layout } from '../haproxy/locate.ts'
import type { BlobStore } from '../state/blob-store.ts'
import type { AgentState } from '../state/state-file.ts'
import { type ServersBySection, serversWithShutdown } from './marked-down.ts'

export interface ShutdownPolicyPorts {
  readonly files: Pick<Files, 'read'>
  readonly blobs: Pick<BlobStore, 'read'>
  readonly state: () => AgentState
}

/**
 * Reads the files that were applied (not the disk, where somebody may have written what nobody loaded), and
 * `defaults` from HAProxy's main file. Sections of others are left out: their sessions are none of ours.
 *
 * @param config - HAProxy's main configuration file
 */
export function createShutdownPolicy(
  { files, blobs, state }: ShutdownPolicyPorts,
  config: string,
): (where: { readonly layout: Pick<Layout, 'kind'> }) => Promise<ServersBySection> {
  let cached: { readonly key: string; readonly texts: ReadonlyMap<string, string> } | undefined
  const applied = async () => {
    const owned = Object.entries(state().files)
    const key = owned.map(([name, { digest }]) => `${name}=${digest}`).join('\n')
    if (cached?.key === key) return cached.texts
    const held = await blobs.read(owned.map(([, { digest }]) => digest))
    const texts = new Map(owned.map(([name, { digest }]) => [name, held.get(digest) ?? '']))
    cached = { key, texts }
    return texts
  }
  return async ({ layout: { kind } }) => {
    const main = basename(config)
    const texts = new Map([...(await applied()), [main, String((await files.read(config)) ?? '')]])
    // Beside each other they are read by name; otherwise the main file is read first.
    const first = (name: string) => kind === 'conf.d' && name === main
    const names = [...texts.keys()].sort((a, b) => Number(first(b)) - Number(first(a)) || (a < b ? -1 : 1))
    const found = serversWithShutdown(names.map((name) => texts.get(name) ?? ''))
    const own = serversWithShutdown([texts.get(main) ?? ''])
    return new Map([...found].filter(([section]) => !own.has(section)))
  }
}
