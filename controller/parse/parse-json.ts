/**
 * JSON text as Python's `json` and Ansible load it, with the place of every value.
 *
 * Ansible tries JSON before YAML on every file: `{"a": 1e3}` is the float 1000.0 although YAML would make text
 * of `1e3`. A mapping with the key `__ansible_unsafe` or `__ansible_vault` stands for the value it holds.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { SourceFile } from '../values/spot.ts'
import type { Value } from '../values/value.ts'
import { JsonReader, JsonSyntaxError } from './json-reader.ts'

/** The value, or undefined when the text is no JSON. */
export function tryJson(source: SourceFile, text: string): Value | undefined {
  if (!/^[ \t\r\n]*[[{"\-\dtfnNI]/.test(text)) return undefined
  try {
    return new JsonReader(source, text).document()
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

/**
 * @param what - what the text is, for messages
 * @throws AppError `INVENTORY_INVALID` with line and column in the text
 */
export function parseJson(source: SourceFile, text: string, what: string): Value {
  try {
    return new JsonReader(source, text).document()
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    const { line, col } = source.linePos(error.offset)
    throw new AppError('INVENTORY_INVALID', `${what} is no JSON: ${error.message}`, {
      at: { file: source.path, line, column: col },
    })
  }
}
