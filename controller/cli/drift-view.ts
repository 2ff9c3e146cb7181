/** What others did to files on nodes, and what the agents did about it, as text. */
import type { NodeStatus__Output } from '../../shared/rpc/generated/pgsvc/v1/NodeStatus.ts'
import type { Repair__Output } from '../../shared/rpc/generated/pgsvc/v1/Repair.ts'
import { diffText, groupDiffs } from './diff-groups.ts'
import { type Paint, visible } from './paint.ts'
import { isoTime, table } from './table.ts'

/** Files as others changed them, each diff once. '' when there are none. */
export function changedFilesText(nodes: readonly NodeStatus__Output[], paint: Paint): string {
  const diffs = nodes.flatMap(({ node, drift }) =>
    drift
      .filter(({ diff }) => diff !== '')
      .map(({ name, diff }) => ({ node, file: `${name}, changed by others,`, unified: diff })),
  )
  return diffText(groupDiffs(diffs), paint)
}

/** The last time that each node's agent put files back. '' when none did. */
export function repairsTable(nodes: readonly NodeStatus__Output[]): string {
  const rows = nodes.flatMap(({ node, lastRepair }) =>
    lastRepair ? [[node, isoTime(lastRepair.atMs), ...cellsOf(lastRepair).map(visible)]] : [],
  )
  const heads = ['NODE', 'PUT BACK', 'FILES', 'HAPROXY', 'VANISHED FILES OF OTHERS']
  return rows.length === 0 ? '' : table(heads, rows)
}

const done: Readonly<Record<string, string>> = {
  CHANGE_NONE: 'has them loaded',
  CHANGE_RUNTIME: 'was told',
  CHANGE_RELOAD: 'reloaded',
  CHANGE_NOT_RUNNING: 'does not run',
}

function cellsOf({ restored, repaired, othersVanished, change, fault }: Repair__Output): readonly string[] {
  const files = [...restored, ...repaired.map((name) => `${name} (was changed)`)]
  const end = fault ? `failed: ${fault.code}` : (done[change] ?? '-')
  return [files.join(', ') || '-', end, othersVanished.join(', ') || '-']
}
