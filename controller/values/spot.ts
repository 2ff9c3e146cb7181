/** Places in source files: an offset now, line and column only when somebody asks. */
import type { Location } from '../../shared/errors/app-error.ts'

/** A file that was read, with what is needed to turn offsets into lines. */
export interface SourceFile {
  readonly path: string
  /** Line and column, both from 1, of an offset. */
  linePos(offset: number): { readonly line: number; readonly col: number }
}

export interface Spot {
  readonly source: SourceFile
  readonly offset: number
}

/** The place of a spot, for messages. */
export function locate(spot: Spot | undefined): Location | undefined {
  if (spot === undefined) return undefined
  const { line, col } = spot.source.linePos(spot.offset)
  return { file: spot.source.path, line, column: col }
}

/** A source file whose lines are counted when somebody asks. */
export function sourceFile(path: string, text: string): SourceFile {
  let starts: number[] | undefined
  return {
    path,
    linePos: (offset) => {
      starts ??= [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((found) => found.index + found[0].length)]
      const line = lineAt(starts, offset)
      return { line: line + 1, col: offset - (starts[line] ?? 0) + 1 }
    },
  }
}

/** Index of the last start that is not behind the offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
