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
