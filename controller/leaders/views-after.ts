/**
 * What a node sees after a step that it has told: its next Observation says the same, some seconds later. Pure.
 */
import type { LeaderReport, LeaderView } from '../../shared/model/leader.ts'

/** @param views - the node's last; a cluster of which it has not spoken yet waits for its Observation */
export function viewsAfter(views: readonly LeaderView[], report: LeaderReport): readonly LeaderView[] {
  return views.map((view) => (view.owner === report.owner ? viewAfter(view, report) : view))
}

function viewAfter(view: LeaderView, report: LeaderReport): LeaderView {
  const { leader, source, timings, held } = report
  switch (report.step) {
    case 'confirmed':
      return { ...view, leader, confirmed: true, sinceMs: report.atMs, source, timings, held: undefined }
    case 'told':
      return { ...view, timings }
    case 'moved':
      return { ...view, leader, confirmed: true, running: leader, timings, held: undefined }
    case 'held':
    case 'failed':
      return { ...view, held }
    case 'suspected':
    case 'unchanged':
      return view
  }
}
