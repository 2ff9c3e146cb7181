/**
 * A publish as JSON: one object per line, `event` says what it is, the last line is the summary of all.
 * Keys are snake_case as in Pigsty's files; docs/commands.md describes them.
 */
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { groupDiffs } from './diff-groups.ts'
import { type ActWords, committedNow, type PublishEnd, succeeded } from './publish-end.ts'
import type { PublishState } from './publish-state.ts'

/** One event as a value for JSON; undefined for the result, which the summary holds. */
export function eventJson(event: PublishEvent__Output): object | undefined {
  const kind = event.event
  if (kind === undefined || kind === 'result') return undefined
  return { event: kind, ...(plain(event[kind]) as object) } // messages are objects
}

/** The last line. */
export function summaryJson(
  state: PublishState,
  end: PublishEnd,
  words: ActWords,
  more: { readonly exit: number; readonly elapsedMs: number },
): object {
  const error = end.kind === 'error' ? end.error : undefined
  const committed = committedNow(state, end)
  return {
    event: 'summary',
    act: words.doing,
    target: words.target,
    check: words.check,
    ok: succeeded(state, end),
    committed: committed === 'unknown' ? null : committed === 'yes',
    nothing_to_do: state.result?.nothingToDo ?? false,
    interrupted: end.kind === 'interrupted',
    exit: more.exit,
    publish_id: state.publishId,
    owners: plain(state.owners),
    revisions: plain(state.revisions ?? []),
    nodes: [...state.nodes.values()].map(({ node, result }) => plain(result ?? { node, outcome: null })),
    diffs: groupDiffs(state.diffs),
    warnings: plain(state.warnings),
    errors: [
      ...(plain(state.result?.errors ?? []) as unknown[]), // a list stays a list
      ...(error ? [{ code: error.code, message: error.message, hint: error.hint ?? '', owner: '' }] : []),
    ],
    elapsed_ms: more.elapsedMs,
  }
}

/** Wire names to ours: snake_case keys, `reloaded` for `NODE_OUTCOME_RELOADED`, null for a value that is not set. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [snakeCase(key), plainField(key, item)]),
  )
}

const enumPrefix: Readonly<Record<string, string>> = {
  outcome: 'NODE_OUTCOME_',
  stage: 'STAGE_',
  follow: 'FOLLOW_',
  step: 'LEADER_STEP_',
  state: 'CERTIFICATE_STATE_',
}

function plainField(key: string, item: unknown): unknown {
  const prefix = enumPrefix[key]
  const isEnum = prefix !== undefined && typeof item === 'string' && item.startsWith(prefix)
  if (!isEnum) return plain(item)
  const word = item.slice(prefix.length).toLowerCase()
  return key === 'follow' && word === 'unspecified' ? null : word
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
