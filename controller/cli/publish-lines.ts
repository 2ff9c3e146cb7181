/** A publish in words: from events to lines, nothing else. */
import type { Fault__Output } from '../../shared/rpc/generated/pgsvc/v1/Fault.ts'
import type { NodeResult__Output } from '../../shared/rpc/generated/pgsvc/v1/NodeResult.ts'
import type { Notice__Output } from '../../shared/rpc/generated/pgsvc/v1/Notice.ts'
import type { OwnerRevision__Output } from '../../shared/rpc/generated/pgsvc/v1/OwnerRevision.ts'
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { Line } from './paint.ts'
import type { NodeState, PublishState } from './publish-state.ts'

const finished: Readonly<Record<string, string>> = {
  STAGE_UNSPECIFIED: 'working',
  STAGE_RECEIVE: 'received',
  STAGE_GUARD: 'allowed',
  STAGE_STAGE: 'staged',
  STAGE_VALIDATE: 'validated',
  STAGE_SWAP: 'swapped',
  STAGE_RELOAD: 'reload requested',
  STAGE_CONFIRM: 'new worker confirmed',
}

/** What takes no time worth a line of its own. */
function isTold(stage: string): boolean {
  return stage !== 'STAGE_RECEIVE' && stage !== 'STAGE_GUARD'
}

/** Lines for one event where nothing is updated in place. Diffs and the result are told at the end. */
export function eventLines(event: PublishEvent__Output, state: PublishState): readonly Line[] {
  if (event.targets) return targetLines(state)
  if (event.warning) return noticeLines('warn', event.warning)
  if (event.progress) return isTold(event.progress.stage) ? nodeLines(state, event.progress.node) : []
  if (event.node) return nodeLines(state, event.node.node)
  if (event.committed) return [{ sign: 'ok', text: committedText(event.committed.revisions) }]
  return []
}

export function targetLines(state: PublishState): readonly Line[] {
  return state.owners.map(({ owner, nodes, provider }) => ({
    sign: 'step',
    text: `${owner}: ${nodes.join(' ')}${provider === '' ? '' : ` (delegated to ${provider})`}`,
  }))
}

export function noticeLines(sign: 'warn' | 'fail', notice: Notice__Output): readonly Line[] {
  const code = notice.code === '' ? '' : `${notice.code}: `
  const lines: Line[] = [{ sign, text: `${code}${notice.message}` }]
  if (notice.hint !== '') lines.push({ sign: 'hint', text: notice.hint })
  return lines
}

/** `pg-test@8`, or that there was nothing new to number. */
export function committedText(revisions: readonly OwnerRevision__Output[]): string {
  const names = revisions.map(({ owner, revision, created }) =>
    revision === 0 ? owner : `${owner}@${revision}${created ? '' : ' (as before)'}`,
  )
  return names.length === 0 ? 'committed' : `committed ${names.join(' ')}`
}

function nodeLines(state: PublishState, node: string): readonly Line[] {
  const known = state.nodes.get(node)
  return known ? [nodeLine(known, nodeWidth(state))] : []
}

/** Columns that the longest node name takes. */
export function nodeWidth(state: PublishState): number {
  return Math.max(0, ...[...state.nodes.keys()].map((node) => node.length))
}

/** Where a node is, on one line. */
export function nodeLine(state: NodeState, width: number): Line {
  const name = state.node.padEnd(width)
  if (state.result) {
    const { sign, text } = outcomeWords(state.result)
    return { sign, text: `${name}  ${text}` }
  }
  const text = state.step
    ? `${finished[state.step.stage] ?? 'working'} (${state.step.elapsedMs} ms)`
    : 'waiting'
  return { sign: 'step', text: `${name}  ${text}` }
}

function outcomeWords(result: NodeResult__Output): Line {
  const why = result.fault ? `: ${faultText(result.fault)}` : ''
  const reasons = result.reasons.length > 0 ? ` (${result.reasons.join(', ')})` : ''
  switch (result.outcome) {
    case 'NODE_OUTCOME_RELOADED':
      return { sign: 'ok', text: `reloaded${reloadTime(result)}${reasons}${leftText(result)}` }
    case 'NODE_OUTCOME_ADJUSTED':
      return { sign: 'ok', text: `adjusted without a reload${reasons}` }
    case 'NODE_OUTCOME_UNCHANGED':
      return { sign: 'ok', text: `unchanged${reasons}` }
    case 'NODE_OUTCOME_WOULD_RELOAD':
      return { sign: 'ok', text: `would reload${reasons}` }
    case 'NODE_OUTCOME_WOULD_ADJUST':
      return { sign: 'ok', text: `would adjust without a reload${reasons}` }
    case 'NODE_OUTCOME_NOT_RUNNING':
      return { sign: 'warn', text: `files are in place, HAProxy is not running${why}` }
    case 'NODE_OUTCOME_OFFLINE':
      return { sign: 'fail', text: `offline${why}` }
    case 'NODE_OUTCOME_REFUSED':
      return { sign: 'fail', text: `refused${why}` }
    case 'NODE_OUTCOME_FAILED':
      return { sign: 'fail', text: `failed, keeps its last good set${why}` }
    case 'NODE_OUTCOME_QUARANTINED':
      return { sign: 'fail', text: `took the rest, and keeps the last good files of what it refuses${why}` }
    case 'NODE_OUTCOME_TIMEOUT':
      return { sign: 'fail', text: `no answer in time${why}` }
    case 'NODE_OUTCOME_ABORTED':
      return { sign: 'warn', text: `given up because of another node, nothing changed${why}` }
    default:
      return { sign: 'warn', text: `unknown outcome${why}` }
  }
}

function reloadTime({ timings }: NodeResult__Output): string {
  return timings && timings.reloadMs > 0 ? ` in ${timings.reloadMs} ms` : ''
}

/** Sessions from before the reload go on in workers that check no server any more. */
function leftText({ sessionsLeft, oldWorkers }: NodeResult__Output): string {
  if (sessionsLeft === 0) return ''
  const stay = sessionsLeft === 1 ? '1 session stays' : `${sessionsLeft} sessions stay`
  return `; ${stay} in ${oldWorkers === 1 ? '1 old worker' : `${oldWorkers} old workers`}`
}

/** `pg-test-replica.cfg:12: HAPROXY_REFUSED: unknown keyword`, as much of it as is known. */
export function faultText(fault: Fault__Output): string {
  const place = fault.file === '' ? '' : `${fault.file}${fault.line > 0 ? `:${fault.line}` : ''}: `
  return `${place}${fault.code}: ${fault.message}`
}

/** HAProxy's own words about each node, for below the failures. Equal words are said once, with the nodes. */
export function haproxyWords(state: PublishState): readonly Line[] {
  const nodesByWords = new Map<string, string[]>()
  for (const { node, result } of state.nodes.values()) {
    const words = result?.fault?.haproxy.trimEnd() ?? ''
    if (words !== '') nodesByWords.set(words, [...(nodesByWords.get(words) ?? []), node])
  }
  return [...nodesByWords].flatMap(([words, nodes]) => [
    { sign: 'text', text: `${nodes.join(' ')}: HAProxy says` } satisfies Line,
    ...words.split('\n').map((line): Line => ({ sign: 'text', text: `    ${line}` })),
  ])
}
