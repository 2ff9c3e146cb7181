/** An owner's revisions and what was done with them, as tables. */
import type { HistoryResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import { isoTime, table } from './table.ts'

export function historyText(history: HistoryResponse__Output): string {
  const revisions = table(
    ['REVISION', 'MADE', 'BY', 'INVENTORY LEADER', 'INVENTORY', 'ASSIGNED TO'],
    history.revisions.map((revision) => [
      `@${revision.number}`,
      isoTime(revision.createdMs),
      revision.operator || '-',
      revision.leader || '-',
      revision.inventoryDigest.slice(0, 12) || '-',
      revision.nodes.join(' ') || '-',
    ]),
  )
  const acts = table(
    ['AT', 'WHAT', 'BY', 'REVISION', 'NODES', 'OUTCOME'],
    history.acts.map((act) => [
      isoTime(act.atMs),
      act.kind,
      act.operator || '-',
      act.revision === 0 ? '-' : `@${act.revision}`,
      act.nodes.join(' ') || '-',
      act.outcome,
    ]),
  )
  return history.acts.length === 0 ? revisions : `${revisions}\n${acts}`
}
