/** Errors and problems as notices for the operator. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Fault, QuarantinedOwner } from '../../shared/errors/fault.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Problem } from '../plan/owner-plan.ts'
import type { Notice } from './events.ts'
import type { ReplacedEdit } from './node-links.ts'

/** Also for what was noticed while reading the inventory, which is no owner's. */
export function noticeOfProblem(
  problem: Pick<Problem, 'code' | 'message' | 'at' | 'hint'> & { readonly owner?: Owner },
): Notice {
  const { code, message, hint, owner, at } = problem
  return { code, message: at ? `${at.file}:${at.line}:${at.column}: ${message}` : message, hint, owner }
}

/** @throws what it was given when that is no AppError: a broken invariant is not for the operator */
export function noticeOfError(error: unknown): Notice {
  if (!(error instanceof AppError)) throw error
  const { code, message, hint, at } = error
  return { code, message: at ? `${at.file}:${at.line}:${at.column}: ${message}` : message, hint }
}

/** An owner that a node has left out of what it applied. */
export function noticeOfQuarantine(node: string, quarantined: QuarantinedOwner): Notice {
  const { owner, revision, keptRevision, fault } = quarantined
  const kept = keptRevision === 0 ? 'nothing of it is there' : `@${keptRevision} runs on`
  const { message } = noticeOfFault(node, fault)
  return {
    code: 'OWNER_QUARANTINED',
    message: `${message}; ${owner}@${revision} is in quarantine there, ${kept}`,
    hint: `mend it and publish ${owner} again`,
    owner,
  }
}

/**
 * Whoever edited a file of ours wants to know when the edit goes.
 *
 * @param edits - at least one
 */
export function noticeOfEdits(node: string, edits: readonly ReplacedEdit[]): Notice {
  const names = edits.map(({ name }) => name).join(', ')
  const copies = edits.flatMap(({ copy }) => (copy === '' ? [] : [copy]))
  return {
    code: 'EDIT_REPLACED',
    message:
      copies.length === 0
        ? `${node}: ${names}, changed by others, would be replaced`
        : `${node}: ${names}, changed by others, was replaced; what they wrote is in ${copies.join(', ')}`,
    hint: 'what is to stay belongs into the inventory',
  }
}

/** The same fault on several nodes is one thing to mend. */
export function noticesOfFaults(
  found: readonly { readonly node: string; readonly fault: Fault }[],
): Notice[] {
  const nodes = new Map<string, { readonly fault: Fault; readonly names: string[] }>()
  for (const { node, fault } of found) {
    const key = JSON.stringify([fault.code, fault.owner, fault.message, fault.file, fault.line])
    const known = nodes.get(key) ?? { fault, names: [] }
    nodes.set(key, known)
    if (!known.names.includes(node)) known.names.push(node)
  }
  return [...nodes.values()].map(({ fault, names }) => noticeOfFault(names.join(', '), fault))
}

export function noticeOfFault(node: string, fault: Fault): Notice {
  const place = fault.file ? ` (${fault.file}${fault.line ? `:${fault.line}` : ''})` : ''
  return {
    code: fault.code,
    message: `${node}: ${fault.message}${place}`,
    hint: placeHint(fault),
    owner: fault.owner,
  }
}

/** A node names its own file; the operator edits the inventory. */
function placeHint({ code, owner, file = '' }: Fault): string | undefined {
  if (code === 'NODE_UNSEEN') return 'bring an agent there ("pgsvc enroll"), then publish again'
  if (code === 'FOREIGN_FILE_BROKEN')
    return `${file || 'that file'} is none of pgsvc's: mend it, or move it out of HAProxy's service directory on the node; the agent tries again by itself`
  const service =
    file.endsWith('.cfg') && owner && file.startsWith(`${owner}-`) ? file.slice(owner.length + 1, -4) : ''
  if (code !== 'HAPROXY_REFUSED' || service === '') return undefined
  return `"pgsvc explain ${owner} ${service}" says where in the inventory it is written`
}
