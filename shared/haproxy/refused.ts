/**
 * Values that HAProxy is known to refuse, found without HAProxy. It is no parser: what it passes may still be
 * refused by `haproxy -c`. Source: HAProxy 2.6 manual, sections 2.5, 4 and 5; tried with 2.6.12.
 */
import { findTextProblem } from './directives.ts'
import { splitWords } from './words.ts'

export interface RefusedLine {
  /** As it stands in the file, trimmed. */
  readonly line: string
  /** What HAProxy does not take, without a full stop. */
  readonly message: string
}

/** The first line of a service file that HAProxy refuses for its values. */
export function findRefusedLine(text: string): RefusedLine | undefined {
  for (const raw of text.split('\n')) {
    const words = splitWords(raw) ?? []
    const message = words.length === 0 ? undefined : refusal(words)
    if (message !== undefined) return { line: raw.trim(), message }
  }
  return undefined
}

function refusal(words: readonly string[]): string | undefined {
  const [keyword = '', ...rest] = words
  switch (keyword) {
    case 'maxconn':
      return /^\d+$/.test(rest[0] ?? '') ? undefined : `maxconn ${rest[0] ?? 'without a value'}`
    case 'balance':
      return rest.length === 0 ? 'balance without a value' : undefined
    case 'bind':
      // Pigsty writes the word as it stands; as a host name it is nobody's.
      if (rest[0]?.startsWith('vip:')) return 'the address vip'
      return portRefusal((rest[0] ?? '').replace(/^.*:/, ''))
    case 'http-check':
      return rest[0] === 'send' && rest.at(-1) === 'uri' ? 'uri without a value' : undefined
    case 'default-server':
      return optionRefusal(rest)
    case 'server':
      return portRefusal((rest[1] ?? '').replace(/^.*:/, '')) ?? optionRefusal(rest.slice(2))
    default:
      return undefined
  }
}

function portRefusal(text: string): string | undefined {
  if (!/^\d+$/.test(text)) return text === '' ? 'no port' : undefined
  const port = Number(text)
  return port < 1 || port > 65_535 ? `port ${text}` : undefined
}

const timed: ReadonlySet<string> = new Set(['inter', 'fastinter', 'downinter', 'slowstart', 'agent-inter'])

function optionRefusal(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const value = words[index + 1] ?? ''
    if (timed.has(word) && !/^\d+(?:us|ms|s|m|h|d)?$/.test(value)) return `${word} ${value}`
    if (word === 'port' && !/^\d+$/.test(value)) return `port ${value}`
    if (word === 'weight' && (Number(value) < 0 || Number(value) > 256)) return `weight ${value}`
  }
  return strayNumber(words)
}

/** A number where the name of an option belongs. */
function strayNumber(words: readonly string[]): string | undefined {
  const found = findTextProblem(`listen x\n  default-server ${words.join(' ')}\n`)
  const number = /\.\.\. (\d+) is not allowed/.exec(found?.message ?? '')?.[1]
  return number === undefined ? undefined : `a bare ${number}`
}
