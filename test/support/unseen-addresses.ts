/** A host that does not say which addresses it has: what HAProxy cannot bind is found only at its reload. */
import { type Files, systemFiles } from '../../shared/ports/files.ts'

export function unseenAddresses(files: Files = systemFiles()): Files {
  return {
    ...files,
    read: (path) => (path.endsWith('/net/fib_trie') ? Promise.resolve(undefined) : files.read(path)),
  }
}
