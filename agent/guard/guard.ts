/**
 * The agent's own rules, whatever the controller says: plain file names in its one directory, bounded sizes,
 * and only text that shared/haproxy and the agent's configuration allow.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import { type GuardRules, usualRules } from '../../shared/haproxy/guard-rules.ts'
import {
  findFileProblem,
  maxBytesPerNode,
  maxFilesPerNode,
  type ServiceFileProblem,
} from '../../shared/haproxy/service-file.ts'

export interface GuardedFile {
  readonly name: string
  readonly owner: string
  readonly text: string
}

/**
 * @param files - of all variants of all owners
 * @param reserved - names that are HAProxy's own and never ours, e.g. `haproxy.cfg` in the flat layout
 * @param rules - what the agent's configuration says; the usual ones when left out
 * @returns the first violation of each owner
 */
export function findViolations(
  files: readonly GuardedFile[],
  reserved: ReadonlySet<string>,
  rules: GuardRules = usualRules,
): readonly Fault[] {
  if (files.length > maxFilesPerNode) {
    const message = `${files.length} files, at most ${maxFilesPerNode}`
    return [{ stage: 'guard', code: 'TOO_MANY_FILES', message }]
  }
  const texts = [...new Set(files.map(({ text }) => text))]
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > maxBytesPerNode) {
    const message = `all files together are ${bytes} bytes, at most ${maxBytesPerNode}`
    return [{ stage: 'guard', code: 'FILE_TOO_LARGE', message }]
  }
  const byOwner = new Map<string, Fault>()
  for (const file of files) {
    if (byOwner.has(file.owner)) continue
    const problem = findFileProblem(file, reserved, rules)
    if (problem) byOwner.set(file.owner, faultOf(file, problem))
  }
  return [...byOwner.values()]
}

function faultOf(
  { name, owner }: GuardedFile,
  { code, line, message, allowedBy }: ServiceFileProblem,
): Fault {
  const isText = code === 'DIRECTIVE_REFUSED'
  const remedy = allowedBy
    ? `'${allowedBy}' in this agent's configuration would allow it`
    : 'no option of the agent allows it'
  return {
    stage: 'guard',
    owner,
    file: name,
    code,
    line,
    message: isText ? `${message}; ${remedy}` : message,
  }
}

/** As `findViolations`, the first one only. */
export function findViolation(
  files: readonly GuardedFile[],
  reserved: ReadonlySet<string>,
  rules: GuardRules = usualRules,
): Fault | undefined {
  return findViolations(files, reserved, rules)[0]
}
