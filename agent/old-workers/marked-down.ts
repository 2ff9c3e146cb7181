/**
 * Which servers of a configuration have `on-marked-down shutdown-sessions`. Pure.
 *
 * A `server` takes what the `default-server` lines above it in its section say, and those what the last
 * `defaults` section says. Source: HAProxy 2.6 manual, 4.2 (`default-server`) and 5.2 (`on-marked-down`).
 */
import { splitWords } from '../../shared/haproxy/words.ts'

/** Names of servers by section. */
export type ServersBySection = ReadonlyMap<string, ReadonlySet<string>>

/** Words that begin a section of any kind; a line that begins with another one belongs to the section before. */
const sectionWords: ReadonlySet<string> = new Set(
  'backend cache defaults fcgi-app frontend global http-errors listen log-forward mailers peers program resolvers ring userlist'.split(
    ' ',
  ),
)

/** @param texts - HAProxy's files, in the order in which it reads them */
export function serversWithShutdown(texts: readonly string[]): ServersBySection {
  const found = new Map<string, Set<string>>()
  let kind = ''
  let section = ''
  let inDefaults = false
  let inSection = false
  for (const line of texts.join('\n').split('\n')) {
    const words = splitWords(line) ?? []
    const [keyword = '', name = ''] = words
    if (sectionWords.has(keyword)) {
      kind = keyword
      section = name
      if (kind === 'defaults') inDefaults = false
      inSection = inDefaults
    } else if (keyword === 'default-server' && shutsDown(words)) {
      if (kind === 'defaults') inDefaults = true
      inSection = true
    } else if (keyword === 'server' && (inSection || shutsDown(words))) {
      found.set(section, (found.get(section) ?? new Set()).add(name))
    }
  }
  return found
}

function shutsDown(words: readonly string[]): boolean {
  const at = words.indexOf('on-marked-down')
  return at > 0 && words[at + 1] === 'shutdown-sessions'
}
