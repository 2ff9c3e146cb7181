/** Words of a shell, read and written. Pure. */
import { AppError } from '../../shared/errors/app-error.ts'

/** A text as one word of sh, whatever is in it. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * Splits as sh does for quotes and backslashes; nothing is expanded.
 *
 * @throws AppError `SSH_OPTION` for a quote that does not end
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const word = /^(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/.exec(rest)?.[0]
    if (word === undefined) throw new AppError('SSH_OPTION', `a quote does not end: ${text}`)
    words.push(unquoted(word))
    rest = rest.slice(word.length)
    if (rest !== '' && !/^\s/.test(rest)) throw new AppError('SSH_OPTION', `a quote does not end: ${text}`)
    rest = rest.trimStart()
  }
  return words
}

function unquoted(word: string): string {
  return word.replaceAll(
    /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g,
    (_whole, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '',
  )
}
