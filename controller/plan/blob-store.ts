/** File contents by digest, each kept once. */
import { sha256 } from '../../shared/digest/sha256.ts'
import type { FileRef } from '../../shared/model/snapshot.ts'
import { type Listen, renderListen } from '../render/listen.ts'

export class BlobStore {
  readonly contents = new Map<string, string>()
  /** Digests by content: most files of a plan are equal to another one. */
  private readonly digests = new Map<string, string>()

  /** Renders a section into a file of its own. */
  addListen(listen: Listen, owner: string): FileRef {
    return this.add(`${listen.name}.cfg`, renderListen(listen, owner))
  }

  add(name: string, content: string): FileRef {
    const digest = this.digests.get(content) ?? sha256(content)
    this.digests.set(content, digest)
    this.contents.set(digest, content)
    return { name, digest }
  }

  /** The contents that these files need. */
  only(files: Iterable<FileRef>): Map<string, string> {
    const wanted = new Map<string, string>()
    for (const { digest } of files) {
      const content = this.contents.get(digest)
      if (content !== undefined) wanted.set(digest, content)
    }
    return wanted
  }
}
