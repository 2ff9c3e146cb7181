/** Reads back what a rendered file says: the one source that has all rules of rendering behind it. */
import { splitWords } from '../../shared/haproxy/words.ts'

export interface ListenText {
  /** Address of the `bind` line; '' or `*` for all. */
  readonly ip: string
  /** Path of the health check; undefined for a check that asks for none. */
  readonly path: string | undefined
  /** Status that means healthy. */
  readonly status: string
  /** Ports that the checks of servers go to. */
  readonly checkPorts: ReadonlySet<string>
}

export function readListen(text: string): ListenText {
  const checkPorts = new Set<string>()
  let ip = ''
  let path: string | undefined
  let status = ''
  for (const line of text.split('\n')) {
    const [keyword = '', ...rest] = splitWords(line) ?? []
    if (keyword === 'bind') ip = (rest[0] ?? '').replace(/:[^:]*$/, '')
    else if (keyword === 'http-check' && rest[0] === 'send') path = wordAfter(rest, 'uri')
    else if (keyword === 'http-check' && rest[0] === 'expect') status = wordAfter(rest, 'status') ?? ''
    else if (keyword === 'server') checkPorts.add(wordAfter(rest, 'port') ?? '')
  }
  return { ip, path, status, checkPorts }
}

function wordAfter(words: readonly string[], word: string): string | undefined {
  const index = words.indexOf(word)
  return index < 0 ? undefined : words[index + 1]
}
