/** Columns of text. */

/** Rows with cells padded to the widest of their column, two blanks between, nothing at the end of a line. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_title, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** `2026-11-21T23:40:42Z`; `-` for 0. */
export function isoTime(ms: number): string {
  return ms === 0 ? '-' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
