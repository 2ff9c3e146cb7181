/** How a publish ended, in words and as an exit status. */
import type { AppError } from '../../shared/errors/app-error.ts'
import type { Notice__Output } from '../../shared/rpc/generated/pgsvc/v1/Notice.ts'
import type { Line } from './paint.ts'
import { committedText, haproxyWords, noticeLines } from './publish-lines.ts'
import { isCommitted, type PublishState } from './publish-state.ts'

/** Why there are no more events. */
export type PublishEnd =
  /** The controller said how it went. */
  | { readonly kind: 'result' }
  /** The controller could not be asked, or stopped talking. */
  | { readonly kind: 'error'; readonly error: AppError; readonly committed: Certainty }
  /** The operator pressed Ctrl-C. */
  | { readonly kind: 'interrupted'; readonly committed: Certainty }

/** Whether the commit point was passed. */
export type Certainty = 'yes' | 'no' | 'unknown'

/** What the act is called; together "reload pgsql services for pg-test". */
export interface ActWords {
  readonly doing: string
  readonly target: string
  /** What `pgsvc status` and `pgsvc history` are asked for afterwards. */
  readonly check: boolean
  /** Of haproxy_services, not of services of clusters. */
  readonly ofNodes?: boolean | undefined
  /** Targets without an agent were reached over SSH. */
  readonly bySsh?: boolean | undefined
}

/** True when everything asked for was done (or, with --check, could be). */
export function succeeded(state: PublishState, end: PublishEnd): boolean {
  return end.kind === 'result' && state.result?.ok === true
}

/** The closing lines: what went wrong, then the sum of it. */
export function endLines(state: PublishState, end: PublishEnd, words: ActWords): readonly Line[] {
  if (succeeded(state, end)) return [{ sign: 'section', text: 'SUMMARY' }, ...successLines(state, words)]
  return [
    { sign: 'section', text: 'FAILURE' },
    ...haproxyWords(state),
    ...failureLines(state.result?.errors ?? []),
    ...(end.kind === 'error' ? errorLines(end.error) : []),
    { sign: 'section', text: 'SUMMARY' },
    { sign: 'fail', text: `fail to ${words.check ? 'check: ' : ''}${words.doing} '${words.target}'` },
    ...afterwardsLines(state, end, words),
  ]
}

/** A hint that several failures in a row share is said once, below the last of them. */
function failureLines(errors: readonly Notice__Output[]): readonly Line[] {
  return errors.flatMap((error, index) => {
    const shared = error.hint === errors[index + 1]?.hint
    return noticeLines('fail', shared ? { ...error, hint: '' } : error)
  })
}

function successLines(state: PublishState, words: ActWords): readonly Line[] {
  const nodes = `${state.nodes.size} node${state.nodes.size === 1 ? '' : 's'}`
  if (state.result?.nothingToDo && state.nodes.size === 0) {
    return words.ofNodes ? noNodeServices(words.target) : noServices(words.target)
  }
  if (state.result?.nothingToDo) {
    return [{ sign: 'ok', text: `nothing to do: ${words.target} is as it should be on ${nodes}` }]
  }
  if (words.check) {
    return [
      { sign: 'ok', text: `${words.doing} ${words.target} would succeed on ${nodes}; nothing was changed` },
    ]
  }
  return [
    { sign: 'ok', text: `${words.doing} ${words.target} complete!` },
    {
      sign: 'hint',
      text: `see it with "pgsvc status"${words.bySsh ? ', which calls nodes without an agent offline' : ''}, ${backText(state)}`,
    },
  ]
}

function noServices(target: string): readonly Line[] {
  return [{ sign: 'ok', text: `nothing to do: ${target} has no services on any node` }]
}

/** A cluster's name may have been meant for the other command. */
function noNodeServices(target: string): readonly Line[] {
  return [
    { sign: 'ok', text: `nothing to do: ${target} has no haproxy_services on any node` },
    { sign: 'hint', text: 'services of clusters are published with "pgsql-svc <cls>"' },
  ]
}

/** Without a number a rollback goes to the revision before: that undoes an act only when the act made a new one. */
function backText(state: PublishState): string {
  const [first, second] = state.owners
  const several = second?.owner.startsWith('node:') ? 'node:<ip>' : '<cls>'
  const owner = first && !second ? first.owner : several
  const isNew = state.revisions?.some(({ created }) => created) ?? false
  return isNew
    ? `go back with "pgsvc rollback ${owner}"`
    : `go back to any of "pgsvc history ${owner}" with "pgsvc rollback ${owner} <n>"`
}

function errorLines(error: AppError): readonly Line[] {
  return noticeLines('fail', { code: error.code, message: error.message, hint: error.hint ?? '', owner: '' })
}

/** What the operator has now. */
function afterwardsLines(state: PublishState, end: PublishEnd, words: ActWords): readonly Line[] {
  const interrupted = end.kind === 'interrupted' ? 'interrupted: ' : ''
  const committed = committedNow(state, end)
  if (committed === 'no' || words.check) {
    return [{ sign: 'warn', text: `${interrupted}nothing has changed on any node` }]
  }
  if (committed === 'unknown') {
    return [
      {
        sign: 'warn',
        text: `${interrupted}it is not known whether this was committed before the controller was lost`,
      },
      { sign: 'hint', text: 'look with "pgsvc status" and "pgsvc history <cls>" when it is back' },
    ]
  }
  const isDown = [...state.nodes.values()].some(
    ({ result }) => result?.outcome === 'NODE_OUTCOME_NOT_RUNNING',
  )
  const what = state.revisions ? committedText(state.revisions) : 'it was committed'
  return [
    {
      sign: 'warn',
      text: `${interrupted}${what}; ${
        isDown
          ? 'where HAProxy does not run nothing is served until it starts'
          : 'nodes that did not take it go on with their last good set'
      }`,
    },
    ...(isDown ? [] : [{ sign: 'warn', text: 'current traffic may not be affected immediately' } as const]),
    { sign: 'warn', text: "BUT IT'S VERY IMPORTANT TO FIX THIS ASAP!" },
    {
      sign: 'hint',
      text: `see what each node runs with "pgsvc status"; ${backText(state)}`,
    },
  ]
}

/** Whether the commit point was passed, as far as can be known here. */
export function committedNow(state: PublishState, end: PublishEnd): Certainty {
  if (isCommitted(state)) return 'yes'
  return end.kind === 'result' ? 'no' : end.committed
}
