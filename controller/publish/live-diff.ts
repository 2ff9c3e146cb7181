/** What changes in the files of a node, as unified diffs. */
import { createTwoFilesPatch } from 'diff'
import { sameMeaning } from '../../shared/haproxy/canonical.ts'
import type { Assignment, Blobs } from '../../shared/model/snapshot.ts'
import type { LiveFile } from './node-links.ts'

export interface FileChange {
  readonly file: string
  readonly unified: string
}

/**
 * A file that only looks different, as Ansible writes it with its comments and blanks, is no change for HAProxy:
 * shown, it would hide the changes that are.
 *
 * @param live - the node's files where they differ from the candidate
 * @param after - what the node would have
 * @param blobs - contents of `after`
 * @returns one unified diff per file that differs in meaning, three lines of context, in the order of `live`
 */
export function liveDiff(
  live: readonly LiveFile[],
  after: readonly Assignment[],
  blobs: Blobs,
): readonly FileChange[] {
  const wanted = new Map<string, string>()
  for (const assignment of after) {
    const running = assignment.variants.find((variant) => variant.leader === assignment.leader)
    for (const file of running?.files ?? []) wanted.set(file.name, blobs.get(file.digest) ?? '')
  }
  return live.flatMap(({ name, exists, content }) => {
    const next = wanted.get(name)
    const same = next !== undefined && sameMeaning(content, next)
    if (exists === (next !== undefined) && (same || next === undefined)) return []
    const unified = createTwoFilesPatch(
      exists ? `a/${name}` : '/dev/null',
      next === undefined ? '/dev/null' : `b/${name}`,
      content,
      next ?? '',
      undefined,
      undefined,
      { context: 3 },
    )
    // The package puts a line of "=" before the header, which patch(1) ignores and nobody needs.
    return [{ file: name, unified: unified.replace(/^=+\n/, '') }]
  })
}
