/**
 * The canonical form of a HAProxy file: what it means, without how it is written.
 *
 * Comments and blank lines go, runs of blanks outside quotes become one space, lines are trimmed, the order
 * of lines stays. Quotes and escapes follow HAProxy's manual, section 2.2 ("Quoting and escaping").
 */
import { canWaitForReload } from './server-state.ts'

/** Canonical text; every line ends in a newline, '' for a file that says nothing. */
export function canonicalText(text: string): string {
  return text
    .split('\n')
    .map(canonicalLine)
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('')
}

/** True when a HAProxy that runs with one need not reload for the other; see docs/decisions.md, "Reloads". */
export function sameMeaning(a: string, b: string): boolean {
  return a === b || inForce(a) === inForce(b)
}

/** What has to be in force at once. */
function inForce(text: string): string {
  return canonicalText(text)
    .split('\n')
    .filter((line) => !canWaitForReload(line))
    .join('\n')
}

const blanks = ' \t\r\f\v'

function canonicalLine(line: string): string {
  let out = ''
  let quote = ''
  let gap = false
  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i)
    if (quote === '' && char === '#') break
    if (quote === '' && blanks.includes(char)) {
      gap = out !== ''
      continue
    }
    if (gap) out += ' '
    gap = false
    if (char === '\\' && quote !== "'" && i + 1 < line.length) {
      i += 1
      out += char + line.charAt(i)
      continue
    }
    quote = nextQuote(quote, char)
    out += char
  }
  return out
}

function nextQuote(quote: string, char: string): string {
  if (quote === '' && (char === '"' || char === "'")) return char
  return char === quote ? '' : quote
}
