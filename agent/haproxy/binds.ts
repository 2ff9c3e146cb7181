/** What files of HAProxy's listen on. Pure. */
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

const sectionStarts: ReadonlySet<string> = new Set('listen frontend backend defaults global peers'.split(' '))

/**
 * The addresses that a file listens on over TCP; ranges of ports as each of their ports. Sections that are disabled
 * listen on nothing, and of a network namespace nothing is known here.
 */
export function parseBinds(text: string): readonly Bind[] {
  const sections: { binds: Bind[]; isDisabled: boolean }[] = [{ binds: [], isDisabled: false }]
  for (const [index, raw] of text.split('\n').entries()) {
    const [keyword = '', addresses = '', ...options] = splitWords(raw) ?? []
    if (sectionStarts.has(keyword)) sections.push({ binds: [], isDisabled: false })
    const section = sections.at(-1)
    if (section === undefined) continue
    if (keyword === 'disabled') section.isDisabled = true
    if (keyword === 'enabled') section.isDisabled = false
    if (keyword !== 'bind' || options.includes('namespace')) continue
    const where = {
      line: index + 1,
      transparent: options.includes('transparent'),
      v6only: options.includes('v6only'),
    }
    section.binds.push(...addresses.split(',').flatMap((word) => bindsOf(word, where)))
  }
  return sections.flatMap(({ binds, isDisabled }) => (isDisabled ? [] : binds))
}

function bindsOf(word: string, where: Omit<Bind, 'address' | 'port'>): readonly Bind[] {
  // Neither other protocols (`quic4@`, `unix@`) nor what the environment says.
  const match = /^(?:ipv[46]@)?([^@$/]*):(\d+)(?:-(\d+))?$/.exec(word)
  if (!match) return []
  const first = Number(match[2])
  const last = Math.min(Number(match[3] ?? match[2]), 65_535)
  const address = (match[1] ?? '').replace(/^\[(.*)\]$/, '$1')
  const count = Math.max(0, last - first + 1)
  return Array.from({ length: count }, (_, i) => ({ address, port: first + i, ...where }))
}
