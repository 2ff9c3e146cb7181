/**
 * File contents by digest, outside the live directory: what the agent needs to follow a leader, or to put
 * vanished files back, without its controller.
 *
 * What nothing needs any more is dropped between orders. The controller may still count on it, and sends it again when
 * it is told that it is missing.
 */
import { join } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'

export interface BlobStore {
  /** Digests held, damaged and half-written ones left out. */
  held(): Promise<readonly string[]>
  /** The texts; a digest that is not held, or damaged, is missing in the answer. */
  read(digests: Iterable<string>): Promise<Blobs>
  /** Keeps texts, durably. */
  keep(blobs: Blobs): Promise<void>
  /** Drops everything but these. */
  retain(digests: ReadonlySet<string>): Promise<void>
}

export function createBlobStore(files: Files, dir: string): BlobStore {
  const readOne = async (digest: string): Promise<string | undefined> => {
    const content = await files.read(join(dir, digest))
    const text = content?.toString('utf8')
    return text !== undefined && sha256(text) === digest ? text : undefined
  }
  const read: BlobStore['read'] = async (digests) => {
    const found = new Map<string, string>()
    for (const digest of digests) {
      const text = await readOne(digest)
      if (text !== undefined) found.set(digest, text)
    }
    return found
  }
  return {
    read,
    async held() {
      const names = ((await files.list(dir)) ?? []).map((entry) => entry.name).filter(isDigest)
      const good = await read(names)
      return [...good.keys()]
    },
    async keep(blobs) {
      if (blobs.size === 0) return
      await makeDurableDir(files, dir)
      await Promise.all([...blobs].map(([digest, text]) => writeOne(files, join(dir, digest), text)))
      await files.sync(dir)
    },
    async retain(digests) {
      for (const { name } of (await files.list(dir)) ?? []) {
        if (digests.has(name)) continue
        await files.remove(join(dir, name))
      }
    },
  }
}

async function writeOne(files: Files, path: string, text: string): Promise<void> {
  const temporary = temporaryName(path)
  await files.write(temporary, text, 0o600)
  await files.sync(temporary)
  await files.rename(temporary, path)
}

function isDigest(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name)
}

/** Digests of every file of every variant of a snapshot. */
export function digestsOf(snapshot: Snapshot): ReadonlySet<string> {
  return new Set(
    snapshot.assignments.flatMap(({ variants }) =>
      variants.flatMap(({ files }) => files.map(({ digest }) => digest)),
    ),
  )
}
