/**
 * Splits a line of HAProxy's configuration into words as HAProxy does.
 * Source: HAProxy configuration manual, 2.2 (quoting and escaping).
 */

/** What HAProxy takes for blanks between words. */
const blanks = ' \t\r\n\f\v'

/** After a backslash outside single quotes; everything else keeps its backslash. */
const escapes: Readonly<Record<string, string>> = {
  ' ': ' ',
  '\\': '\\',
  '#': '#',
  '"': '"',
  "'": "'",
  $: '$',
  t: '\t',
  r: '\r',
  n: '\n',
}

/**
 * The words of one line, quotes and escapes resolved, a comment left out.
 *
 * @returns undefined for a quote without an end or a broken `\x` escape, which HAProxy refuses
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < line.length; ) {
    const piece = readPiece(line, i, quote)
    if (piece === undefined) return undefined
    i += piece.length
    quote = piece.quote
    if (piece.text !== undefined) word = (word ?? '') + piece.text
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (word !== undefined) words.push(word)
  return quote === '' ? words : undefined
}

interface Piece {
  /** What it adds to the present word; undefined when it ends the word. */
  readonly text: string | undefined
  /** Characters of the line. */
  readonly length: number
  /** The quote that is open after it, '' for none. */
  readonly quote: string
}

function readPiece(line: string, at: number, quote: string): Piece | undefined {
  const char = line.charAt(at)
  if (quote === '' && char === '#') return { text: undefined, length: line.length - at, quote }
  if (quote === '' && blanks.includes(char)) return { text: undefined, length: 1, quote }
  if (char === '\\' && quote !== "'") {
    const escaped = readEscape(line, at)
    return escaped && { ...escaped, quote }
  }
  if (quote === '' && (char === '"' || char === "'")) return { text: '', length: 1, quote: char }
  return char === quote ? { text: '', length: 1, quote: '' } : { text: char, length: 1, quote }
}

function readEscape(line: string, at: number): { text: string; length: number } | undefined {
  const next = line.charAt(at + 1)
  if (next === 'x') {
    const code = /^[0-9a-fA-F]{2}/.exec(line.slice(at + 2))?.[0]
    return code === undefined
      ? undefined
      : { text: String.fromCharCode(Number.parseInt(code, 16)), length: 4 }
  }
  const text = escapes[next]
  return text === undefined ? { text: '\\', length: 1 } : { text, length: 2 }
}
