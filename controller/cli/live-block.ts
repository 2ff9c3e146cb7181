/** Lines at the bottom of a terminal that are rewritten in place. */

export interface LiveBlock {
  /** Text for above the block, whole lines; '' leaves it alone. Then the block as it is now. */
  update(above: string, rows: readonly string[]): void
}

/**
 * @param write - writes to the terminal
 * @param size - of the terminal, asked at each update because it can be resized
 */
export function createLiveBlock(
  write: (text: string) => void,
  size: () => { readonly columns: number; readonly rows: number },
): LiveBlock {
  let shown = 0
  return {
    update: (above, rows) => {
      const { columns, rows: height } = known(size())
      // The cursor cannot go above the screen: of a long list, the last lines are shown.
      const visibleRows = rows.slice(-Math.max(1, height - 2)).map((row) => cut(row, columns - 1))
      const up = shown > 0 ? `\u001b[${shown}A\r\u001b[J` : ''
      shown = visibleRows.length
      write(`${up}${above}${visibleRows.map((row) => `${row}\n`).join('')}`)
    },
  }
}

/** Terminals made by programs (expect, containers) often say that they are 0 by 0. */
function known(size: { readonly columns: number; readonly rows: number }): typeof size {
  return { columns: size.columns || 80, rows: size.rows || 24 }
}

/** The first `columns` visible characters; colour sequences take no room and are closed at the end. */
export function cut(row: string, columns: number): string {
  let left = columns
  let out = ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what is looked for
  for (const part of row.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) out += part
    else {
      out += part.slice(0, Math.max(0, left))
      left -= part.length
    }
  }
  return out
}
