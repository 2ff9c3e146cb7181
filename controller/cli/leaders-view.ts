/** Who leads each cluster, as tables. */
import type { Follow__Output } from '../../shared/rpc/generated/pgsvc/v1/Follow.ts'
import type { LeadersResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/LeadersResponse.ts'
import type { LeaderView__Output } from '../../shared/rpc/generated/pgsvc/v1/LeaderView.ts'
import { isoTime, table } from './table.ts'

export function leadersText({ clusters }: LeadersResponse__Output): string {
  if (clusters.length === 0) return 'nothing has been published yet\n'
  const rows = clusters.map(({ owner, inventory, followed, sinceMs, source, follow }) => [
    ...[owner, inventory || '-', followed || '-'],
    ...[isoTime(sinceMs), source || '-', followText(follow)],
  ])
  const own = table(['CLUSTER', 'INVENTORY', 'FOLLOWED', 'SINCE', 'FIRST TOLD BY', 'FOLLOW'], rows)
  const seen = clusters.flatMap(({ owner, nodes }) =>
    nodes.map(({ node, view }) => [owner, node, ...(view ? viewCells(view) : [])]),
  )
  const heads = ['CLUSTER', 'NODE', 'SEES', 'SINCE', 'RUNS', 'TOLD IN', 'FIRST TOLD BY', 'FOLLOW', 'WHY NOT']
  return seen.length === 0 ? own : `${own}\n${table(heads, seen)}`
}

/** What nobody has confirmed since the agent started has a question mark. */
function viewCells(view: LeaderView__Output): readonly string[] {
  const toldMs = (view.timings?.confirmMs ?? 0) + (view.timings?.tellMs ?? 0)
  return [
    view.leader === '' ? '-' : `${view.leader}${view.confirmed ? '' : '?'}`,
    isoTime(view.sinceMs),
    view.running || '-',
    toldMs > 0 && view.code !== 'TELL_FAILED' ? `${toldMs} ms` : '-',
    view.source || '-',
    followText(view.follow),
    view.code === '' ? '-' : `${view.code}: ${view.message}`,
  ]
}

const follows: Readonly<Record<Follow__Output, string>> = {
  FOLLOW_UNSPECIFIED: '-',
  FOLLOW_ON: 'on',
  FOLLOW_REPORT: 'report',
  FOLLOW_OFF: 'off',
}

function followText(follow: Follow__Output): string {
  return follows[follow] ?? '-'
}
