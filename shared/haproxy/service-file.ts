/**
 * What a service file may be called, how large it may be and what it may say. The controller's lint and the
 * agent's guard read this one list.
 */
import { findTextProblem } from './directives.ts'
import { type GuardRules, usualRules } from './guard-rules.ts'

const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]*\.cfg$/
const maxNameLength = 200
const maxFileBytes = 1 << 20

/** Of all variants of all owners on one node. */
export const maxFilesPerNode = 5_000

/** Of all different texts on one node. */
export const maxBytesPerNode = 64 << 20

export interface ServiceFileProblem {
  readonly code: 'FILE_NAME_REFUSED' | 'FILE_TOO_LARGE' | 'DIRECTIVE_REFUSED'
  /** One sentence without a full stop. */
  readonly message: string
  /** In the file, from 1; absent when the problem is no line's. */
  readonly line?: number | undefined
  /** The line of an agent's configuration that would allow it; absent when none does. */
  readonly allowedBy?: string | undefined
}

/**
 * The first thing that no agent would take, if any.
 *
 * @param reserved - names that are HAProxy's own and never ours, e.g. `haproxy.cfg` in the flat layout
 * @param rules - the agent's own; the usual ones when left out
 */
export function findFileProblem(
  file: { readonly name: string; readonly text: string },
  reserved: ReadonlySet<string>,
  rules: GuardRules = usualRules,
): ServiceFileProblem | undefined {
  if (!fileName.test(file.name) || file.name.length > maxNameLength || reserved.has(file.name)) {
    return {
      code: 'FILE_NAME_REFUSED',
      message: `${JSON.stringify(file.name)} is no name for a service file`,
    }
  }
  if (Buffer.byteLength(file.text) > maxFileBytes) {
    return { code: 'FILE_TOO_LARGE', message: `${file.name} is larger than ${maxFileBytes} bytes` }
  }
  const problem = findTextProblem(file.text, rules)
  return problem && { code: 'DIRECTIVE_REFUSED', ...problem }
}
