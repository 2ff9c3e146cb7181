/**
 * A document that is carried out: its commands, with what it says that they print.
 *
 * A block of commands is indented by four spaces and begins with `$ `. A line without `$ ` is output of the command
 * above it. `...` in it stands for anything, and alone on a line for any lines. Lines may come in another order, and
 * with others between them, since nodes answer as they like; times are whatever they are.
 */

export interface DocumentCommand {
  /** Heading of the section it stands in. */
  readonly section: string
  /** Of the document, from 1. */
  readonly line: number
  readonly command: string
  readonly expected: readonly string[]
}

const INDENT = '    '

/** All commands, in order. Pure. */
export function commandsOf(text: string): readonly DocumentCommand[] {
  const found: (DocumentCommand & { expected: string[] })[] = []
  let section = ''
  let isInBlock = false
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('## ')) section = line.slice('## '.length)
    if (line !== '' && !line.startsWith(INDENT)) isInBlock = false
    const content = line.slice(INDENT.length)
    if (line.startsWith(`${INDENT}$ `)) {
      isInBlock = true
      found.push({ section, line: index + 1, command: content.slice('$ '.length), expected: [] })
    } else if (isInBlock && line.startsWith(INDENT) && content !== '...') {
      found.at(-1)?.expected.push(content)
    }
  }
  return found
}

/** Lines that were to be printed and were not. Pure. */
export function missingLines(expected: readonly string[], printed: string): readonly string[] {
  const left = printed.split('\n').map(comparable)
  return expected.filter((line) => {
    const pattern = new RegExp(`^${comparable(line).split('...').map(escaped).join('.*')}$`)
    const index = left.findIndex((one) => pattern.test(one))
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

/** Without what differs from run to run. */
function comparable(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b\d{4}-\d\d-\d\d\b/g, 'DATE')
    .replaceAll(/\b\d+ m?s\b/g, 'TIME')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
