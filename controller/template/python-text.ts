/** Python's methods of text, for text that both languages treat alike. */
import { unsupported } from './template-error.ts'

const blank = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const blanksBefore = new RegExp(`^${blank}+`)
const blanksAfter = new RegExp(`${blank}+$`)
const blanksBetween = new RegExp(`${blank}+`)

/** Upper and lower case of other letters depend on the version of Unicode. */
function ascii(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is that of ASCII
  if (!/^[\x00-\x7f]*$/.test(text)) throw unsupported('upper and lower case of letters beyond ASCII')
  return text
}

export function lower(text: string): string {
  return ascii(text).toLowerCase()
}

export function upper(text: string): string {
  return ascii(text).toUpperCase()
}

export function capitalize(text: string): string {
  return upper(text.slice(0, 1)) + lower(text.slice(1))
}

/** Jinja's filter `title`: words begin after blanks and opening brackets. */
export function titleOfWords(text: string): string {
  return ascii(text)
    .split(/([-\s({[<]+)/)
    .map(capitalize)
    .join('')
}

/** Python's method `title`: words begin after anything that is no letter. */
export function titleOfLetters(text: string): string {
  return ascii(text).replaceAll(/[A-Za-z]+/g, capitalize)
}

export function stripped(text: string, chars: string | undefined, sides: 'both' | 'left' | 'right'): string {
  let out = text
  if (chars === undefined) {
    if (sides !== 'right') out = out.replace(blanksBefore, '')
    return sides === 'left' ? out : out.replace(blanksAfter, '')
  }
  const letters = [...out]
  let [from, to] = [0, letters.length]
  const isStripped = (letter: string | undefined) => letter !== undefined && [...chars].includes(letter)
  while (sides !== 'right' && from < to && isStripped(letters[from])) from += 1
  while (sides !== 'left' && from < to && isStripped(letters[to - 1])) to -= 1
  return letters.slice(from, to).join('')
}

/** @param limit - how many cuts at most; negative: no limit */
export function split(text: string, separator: string | undefined, limit: number): string[] {
  if (separator === '') throw unsupported('splitting at nothing')
  if (separator === undefined) return splitAtBlanks(text, limit)
  const parts = text.split(separator)
  if (limit < 0 || parts.length <= limit + 1) return parts
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)]
}

function splitAtBlanks(text: string, limit: number): string[] {
  let rest = text.replace(blanksBefore, '')
  const parts: string[] = []
  while (rest !== '') {
    const found = limit >= 0 && parts.length >= limit ? null : blanksBetween.exec(rest)
    if (found === null) {
      parts.push(rest.replace(blanksAfter, ''))
      break
    }
    parts.push(rest.slice(0, found.index))
    rest = rest.slice(found.index + found[0].length)
  }
  return parts
}

/** @param limit - how many at most; negative: all */
export function replaced(text: string, from: string, to: string, limit: number): string {
  const parts = from === '' ? [...['', ...text], ''] : text.split(from)
  const cuts = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1)
  return parts.reduce((out, part, i) => out + (i <= cuts ? to : from) + part)
}
