/** Diffs of many nodes, each said once. */
import type { FileDiff__Output } from '../../shared/rpc/generated/pgsvc/v1/FileDiff.ts'
import { type Colour, type Paint, visible } from './paint.ts'

export interface DiffGroup {
  readonly file: string
  readonly unified: string
  /** The nodes on which exactly this changes. */
  readonly nodes: readonly string[]
}

/** Equal diffs become one group; groups come in the order in which each was first seen. */
export function groupDiffs(diffs: readonly FileDiff__Output[]): readonly DiffGroup[] {
  const groups = new Map<string, { file: string; unified: string; nodes: string[] }>()
  for (const { node, file, unified } of diffs) {
    const key = `${file}\0${unified}`
    const group = groups.get(key)
    if (group) group.nodes.push(node)
    else groups.set(key, { file, unified, nodes: [node] })
  }
  return [...groups.values()]
}

/** The groups as text: the nodes, then the diff as patch(1) reads it. '' when there are none. */
export function diffText(groups: readonly DiffGroup[], paint: Paint): string {
  return groups
    .map(({ file, unified, nodes }) => {
      const body = unified.replace(/\n+$/, '').split('\n')
      return `${paint('bold', `${file} on ${nodes.join(' ')}`)}\n${body.map((line) => `${paint(colourOf(line), visible(line))}\n`).join('')}`
    })
    .join('')
}

function colourOf(line: string): Colour {
  if (line.startsWith('---') || line.startsWith('+++')) return 'bold'
  if (line.startsWith('@@')) return 'cyan'
  if (line.startsWith('+')) return 'green'
  return line.startsWith('-') ? 'red' : 'plain'
}
