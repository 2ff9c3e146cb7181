/** Snapshots in few words. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Assignment, Blobs, Snapshot } from '../../shared/model/snapshot.ts'

/** Files of each variant by leader; the first leader leads. */
export type OwnerFiles = Readonly<Record<string, Readonly<Record<string, string>>>>

export function snapshotOf(
  version: number,
  owners: Readonly<Record<string, OwnerFiles>>,
): { snapshot: Snapshot; blobs: Blobs } {
  const blobs = new Map<string, string>()
  const assignments = Object.entries(owners).map(([owner, variants]): Assignment => {
    const [leader = ''] = Object.keys(variants)
    return {
      owner,
      revision: version,
      leader,
      variants: Object.entries(variants).map(([name, files]) => ({
        leader: name,
        files: Object.entries(files).map(([file, text]) => {
          blobs.set(sha256(text), text)
          return { name: file, digest: sha256(text) }
        }),
      })),
      members: [],
      services: [],
      follow: 'default',
      inventoryLeader: '',
      outsideNodes: 0,
    }
  })
  return { snapshot: { version, assignments }, blobs }
}

/** A service file: one section, one server. */
export function service(name: string, port: number, serverPort: number, more = ''): string {
  return `listen ${name}\n    bind 127.0.0.1:${port}\n    mode tcp\n${more}    server s1 127.0.0.1:${serverPort}\n`
}
