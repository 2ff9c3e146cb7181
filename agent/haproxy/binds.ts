/** What service files listen on. Pure. */
import { splitWords } from '../../shared/haproxy/words.ts'

export interface Bind {
  /** As written; '' for every address. */
  readonly address: string
  readonly port: number
  /** From 1. */
  readonly line: number
  /** HAProxy asks the kernel for the address even where the host does not have it. */
  readonly transparent: boolean
  /** An IPv6 address that is not meant to be every IPv4 address too. */
  readonly v6only: boolean
}

/** The addresses that a service file listens on; ranges of ports as each of their ports. */
export function parseBinds(text: string): readonly Bind[] {
  return text.split('\n').flatMap((raw, index) => {
    const [keyword, addresses = '', ...options] = splitWords(raw) ?? []
    if (keyword !== 'bind') return []
    const where = {
      line: index + 1,
      transparent: options.includes('transparent'),
      v6only: options.includes('v6only'),
    }
    return addresses.split(',').flatMap((word) => bindsOf(word, where))
  })
}

function bindsOf(word: string, where: Omit<Bind, 'address' | 'port'>): readonly Bind[] {
  const match = /^(?:ipv[46]@)?(.*):(\d+)(?:-(\d+))?$/.exec(word)
  if (!match) return []
  const first = Number(match[2])
  const last = Math.min(Number(match[3] ?? match[2]), 65_535)
  const address = (match[1] ?? '').replace(/^\[(.*)\]$/, '$1')
  const count = Math.max(0, last - first + 1)
  return Array.from({ length: count }, (_, i) => ({ address, port: first + i, ...where }))
}
