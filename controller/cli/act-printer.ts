/** Shows a publish while it runs: JSON lines, lines, or lines updated in place. */
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { diffText, groupDiffs } from './diff-groups.ts'
import { createLiveBlock } from './live-block.ts'
import { createPaint, type Line, type Paint, paintLine } from './paint.ts'
import { type ActWords, endLines, type PublishEnd } from './publish-end.ts'
import { eventJson, summaryJson } from './publish-json.ts'
import { eventLines, nodeLine, nodeWidth } from './publish-lines.ts'
import type { PublishState } from './publish-state.ts'
import type { Terminal } from './terminal.ts'

export interface ActPrinter {
  /** Before anything else happens. */
  begin(): void
  /** Something that is no event of the controller: a line, or `value` as JSON. Before the first event only. */
  say(line: Line, value: object): void
  /** After each event; `state` has it already. */
  event(event: PublishEvent__Output, state: PublishState): void
  end(state: PublishState, end: PublishEnd, exit: number): void
}

export interface PrinterOptions {
  readonly words: ActWords
  readonly json: boolean
  readonly colour: boolean
}

export function createActPrinter(terminal: Terminal, options: PrinterOptions): ActPrinter {
  if (options.json) return jsonPrinter(terminal, options.words)
  const paint = createPaint(options.colour)
  const inPlace = terminal.isTty && terminal.env.TERM !== 'dumb'
  return inPlace ? livePrinter(terminal, options.words, paint) : linePrinter(terminal, options.words, paint)
}

function jsonPrinter(terminal: Terminal, words: ActWords): ActPrinter {
  const startedMs = terminal.monotonic()
  const put = (value: object) => terminal.stdout(`${JSON.stringify(value)}\n`)
  return {
    begin: () => undefined,
    say: (_line, value) => put(value),
    event: (event) => {
      const value = eventJson(event)
      if (value) put(value)
    },
    end: (state, end, exit) =>
      put(summaryJson(state, end, words, { exit, elapsedMs: Math.round(terminal.monotonic() - startedMs) })),
  }
}

function linePrinter(terminal: Terminal, words: ActWords, paint: Paint): ActPrinter {
  const put = (lines: readonly Line[]) => terminal.stdout(toText(lines, paint))
  return {
    begin: () => put([beginLine]),
    say: (line) => put([line]),
    event: (event, state) => put(eventLines(event, state)),
    end: (state, end) => {
      terminal.stdout(diffText(groupDiffs(state.diffs), paint))
      put(endLines(state, end, words))
    },
  }
}

function livePrinter(terminal: Terminal, words: ActWords, paint: Paint): ActPrinter {
  const block = createLiveBlock((text) => terminal.stdout(text), terminal.size)
  const rows = (state: PublishState) =>
    [...state.nodes.values()].map((node) => paintLine(nodeLine(node, nodeWidth(state)), paint))
  return {
    begin: () => terminal.stdout(toText([beginLine], paint)),
    say: (line) => terminal.stdout(toText([line], paint)),
    event: (event, state) => {
      const ofNode = event.progress || event.node
      block.update(ofNode ? '' : toText(eventLines(event, state), paint), rows(state))
    },
    end: (state, end) => {
      terminal.stdout(diffText(groupDiffs(state.diffs), paint))
      terminal.stdout(toText(endLines(state, end, words), paint))
    },
  }
}

const beginLine: Line = { sign: 'section', text: 'EXECUTE' }

function toText(lines: readonly Line[], paint: Paint): string {
  return lines.map((line) => `${paintLine(line, paint)}\n`).join('')
}
