/** Reads files that are looked at again and again only when they are not what they were. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { FileStamp, Files } from '../../shared/ports/files.ts'

interface Known {
  readonly stamp: FileStamp
  readonly content: Buffer
}

/** Clocks of file systems are coarse: what was written this shortly before may be written again with the same time. */
const settledMs = 2_000

/**
 * @returns `files`, but `read` gives what it gave before while inode, size and times of the file behind the path are the
 *   same and have been for a while, as git's index does
 */
export function unchangedReader(files: Files, clock: Pick<Clock, 'now'>): Files {
  const known = new Map<string, Known>()
  return {
    ...files,
    async read(path) {
      const stamp = await files.stampBehindLink(path)
      const before = known.get(path)
      if (stamp !== undefined && before !== undefined && sameStamp(before.stamp, stamp)) return before.content
      known.delete(path)
      const fromMs = clock.now()
      const content = await files.read(path)
      const isSettled =
        stamp !== undefined && Math.max(stamp.changedMs, stamp.modifiedMs) < fromMs - settledMs
      // What the kernel makes up when asked, as /proc does, says nothing by its times, and has a size of 0.
      if (content !== undefined && isSettled && content.length === stamp.bytes)
        known.set(path, { stamp, content })
      return content
    },
  }
}

function sameStamp(one: FileStamp, other: FileStamp): boolean {
  return (
    one.inode === other.inode &&
    one.bytes === other.bytes &&
    one.changedMs === other.changedMs &&
    one.modifiedMs === other.modifiedMs
  )
}
