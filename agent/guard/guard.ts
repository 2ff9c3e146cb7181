/**
 * The agent's own rules, whatever the controller says: plain file names in its one directory, bounded sizes,
 * and only text that shared/haproxy/directives.ts allows.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import { findTextProblem } from '../../shared/haproxy/directives.ts'

const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]*\.cfg$/
const maxNameLength = 200
const maxFileBytes = 1 << 20
const maxFiles = 5_000

export interface GuardedFile {
  readonly name: string
  readonly owner: string
  readonly text: string
}

/**
 * @param files - of all variants of all owners
 * @param reserved - names that are HAProxy's own and never ours, e.g. `haproxy.cfg` in the flat layout
 * @returns the first violation, if any
 */
export function findViolation(
  files: readonly GuardedFile[],
  reserved: ReadonlySet<string>,
): Fault | undefined {
  if (files.length > maxFiles) {
    return { stage: 'guard', code: 'TOO_MANY_FILES', message: `${files.length} files, at most ${maxFiles}` }
  }
  for (const file of files) {
    const fault = fileViolation(file, reserved)
    if (fault) return fault
  }
  return undefined
}

function fileViolation(file: GuardedFile, reserved: ReadonlySet<string>): Fault | undefined {
  const about = { stage: 'guard', owner: file.owner, file: file.name } as const
  if (!fileName.test(file.name) || file.name.length > maxNameLength || reserved.has(file.name)) {
    return {
      ...about,
      code: 'FILE_NAME_REFUSED',
      message: `${JSON.stringify(file.name)} is no name for a service file`,
    }
  }
  if (Buffer.byteLength(file.text) > maxFileBytes) {
    return { ...about, code: 'FILE_TOO_LARGE', message: `${file.name} is larger than ${maxFileBytes} bytes` }
  }
  const problem = findTextProblem(file.text)
  return problem && { ...about, code: 'DIRECTIVE_REFUSED', line: problem.line, message: problem.message }
}
