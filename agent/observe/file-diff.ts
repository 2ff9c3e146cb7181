/** What others made of a file, for people: bounded in size and in time. Pure. */
import { createTwoFilesPatch } from 'diff'

const maxLength = 8 << 10
/** Two texts with more changes than this are told to be different, and not how. */
const maxEdits = 400

/** @returns a unified diff from what was applied to what is there, of at most 8 KiB */
export function fileDiff(name: string, applied: string, live: string): string {
  const options = { context: 3, maxEditLength: maxEdits }
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, applied, live, undefined, undefined, options)
  if (patch === undefined) return `--- a/${name}\n+++ b/${name}\n(too different to be shown)\n`
  // The package puts a line of "=" before the header, which nobody needs.
  const text = patch.replace(/^=+\n/, '')
  if (Buffer.byteLength(text) <= maxLength) return text
  // Whole lines only, and bytes, not characters: a line of others may hold anything.
  const start = Buffer.from(text)
    .subarray(0, maxLength - 64)
    .toString('utf8')
  return `${start.slice(0, start.lastIndexOf('\n') + 1)}(more than can be shown)\n`
}
