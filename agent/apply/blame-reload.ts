/** Whose fault a refused reload is, where HAProxy says why (from 2.7 on). Pure. */
import type { Fault } from '../../shared/errors/fault.ts'
import type { ReloadResult } from '../haproxy/reload.ts'
import { blame } from './blame.ts'
import type { PreparedSet } from './outcome.ts'

/** @returns with owner, file and line when HAProxy names a file of ours, with the file when it names another */
export function blameReload(
  { step, code, message, words }: Extract<ReloadResult, { kind: 'failed' }>,
  { candidate, located }: Pick<PreparedSet, 'candidate' | 'located'>,
): Fault {
  const plain: Fault = { stage: step, code, message, haproxy: words }
  if (words === undefined) return plain
  const { serviceDir } = located.layout
  const { files } = candidate
  const { fault } = blame(words, {
    ...{ serviceDir, dir: serviceDir, files, beside: new Map() },
    // What HAProxy names is what it could not load; nothing is to be weighed against it.
    isNew: () => false,
  })
  if (fault.file === undefined) return plain
  const { owner, file, line } = fault
  return { ...plain, owner, file, line, message: `${message}: ${fault.message}` }
}
