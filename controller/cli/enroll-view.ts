/** Shows work on nodes while it runs: JSON lines, lines, or one line per node that is updated in place. */
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import type { StepDone, StepName } from '../enroll/step.ts'
import { createLiveBlock } from './live-block.ts'
import { type Line, type Paint, paintLine } from './paint.ts'
import type { Terminal } from './terminal.ts'

/** How a node came out. */
export type NodeEnd =
  | { readonly kind: 'done'; readonly changed: boolean }
  | { readonly kind: 'failed'; readonly step: StepName | undefined; readonly error: AppError }

export interface EnrollView {
  say(line: Line, value: object): void
  begin(node: string, step: StepName): void
  done(node: string, done: StepDone): void
  end(node: string, end: NodeEnd): void
}

export interface ViewOptions {
  readonly nodes: readonly string[]
  readonly json: boolean
  readonly paint: Paint
  /** Nothing is done. */
  readonly check: boolean
}

export function createEnrollView(terminal: Terminal, options: ViewOptions): EnrollView {
  if (options.json) return jsonView(terminal)
  const inPlace = terminal.isTty && terminal.env.TERM !== 'dumb'
  return inPlace ? liveView(terminal, options) : lineView(terminal, options)
}

function jsonView(terminal: Terminal): EnrollView {
  const put = (value: object) => terminal.stdout(`${JSON.stringify(value)}\n`)
  return {
    say: (_line, value) => put(value),
    begin: () => undefined,
    done: (node, { step, state, detail }) =>
      put({ event: 'step', node, step, state: state.replace('-', '_'), detail }),
    end: (node, end) => put({ event: 'node', ...endJson(node, end) }),
  }
}

/** As in the events and in the summary. */
export function endJson(node: string, end: NodeEnd): object {
  if (end.kind === 'done') return { node, ok: true, changed: end.changed, step: null, error: null }
  const { code, message, hint } = end.error
  return {
    node,
    ok: false,
    changed: null,
    step: end.step ?? null,
    error: { code, message, hint: hint ?? '' },
  }
}

function lineView(terminal: Terminal, { nodes, paint, check }: ViewOptions): EnrollView {
  const width = widthOf(nodes)
  const put = (line: Line) => terminal.stdout(`${paintLine(line, paint)}\n`)
  return {
    say: put,
    begin: () => undefined,
    done: (node, done) => put(stepLine(node.padEnd(width), done)),
    end: (node, end) => endLines(node.padEnd(width), end, check).forEach(put),
  }
}

function liveView(terminal: Terminal, { nodes, paint, check }: ViewOptions): EnrollView {
  const width = widthOf(nodes)
  const block = createLiveBlock((text) => terminal.stdout(text), terminal.size)
  const rows = new Map<string, Line>(
    nodes.map((node) => [node, { sign: 'step', text: `${node.padEnd(width)}  waiting` }]),
  )
  const told = new Map<string, string[]>()
  const update = (above: readonly Line[] = []) =>
    block.update(
      above.map((line) => `${paintLine(line, paint)}\n`).join(''),
      [...rows.values()].map((line) => paintLine(line, paint)),
    )
  return {
    say: (line) => update([line]),
    begin(node, step) {
      rows.set(node, { sign: 'step', text: `${node.padEnd(width)}  ${step} ...` })
      update()
    },
    done(node, { step, state, detail }) {
      const isTold = state === 'changed' || state === 'would-change' || step === 'revoke'
      if (isTold) told.set(node, [...(told.get(node) ?? []), detail === '' ? step : `${step}: ${detail}`])
    },
    end(node, end) {
      const [first, ...more] = endLines(node.padEnd(width), end, check)
      const what = (told.get(node) ?? []).join('; ')
      if (first)
        rows.set(
          node,
          what === '' || end.kind === 'failed' ? first : { ...first, text: `${first.text} (${what})` },
        )
      update(more)
    },
  }
}

function widthOf(nodes: readonly string[]): number {
  return Math.max(0, ...nodes.map((node) => node.length))
}

const stateWords = {
  unchanged: 'unchanged',
  changed: 'changed',
  'would-change': 'would change',
  noted: '',
} as const satisfies Record<StepDone['state'], string>

function stepLine(node: string, { step, state, detail }: StepDone): Line {
  const words = [stateWords[state], detail].filter((word) => word !== '').join(': ')
  return { sign: 'step', text: `${node}  ${step.padEnd('configuration'.length)}  ${words}`.trimEnd() }
}

function endLines(node: string, end: NodeEnd, check: boolean): readonly Line[] {
  const changed = check ? 'would change' : 'done'
  if (end.kind === 'done')
    return [{ sign: 'ok', text: `${node}  ${end.changed ? changed : 'nothing to do'}` }]
  const { error, step } = end
  const lines: Line[] = [
    { sign: 'fail', text: `${node}  ${step ? `${step}: ` : ''}${error.code}: ${error.message}` },
  ]
  if (error.hint) lines.push({ sign: 'hint', text: error.hint })
  return lines
}

/** Whatever went wrong with a node is told of that node, and the others go on. */
export function asNodeError(error: unknown): AppError {
  return error instanceof AppError
    ? error
    : new AppError('REMOTE_FAILED', describeError(error), { cause: error })
}
