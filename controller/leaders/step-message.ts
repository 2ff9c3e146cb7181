/** A step in following a leader, in one sentence. */
import type { LeaderReport } from '../../shared/model/leader.ts'

/** Texts of nodes are cut to this length: what they say is kept for a long time. */
const maxTextLength = 500

export function stepMessage(report: LeaderReport): string {
  const { late, atMs } = report
  const when = late ? ` (at ${new Date(atMs).toISOString()} by its clock, while it was cut off)` : ''
  return `${stepText(report)}${when}`
}

function stepText({ step, leader, before, source, timings, held }: LeaderReport): string {
  const why = held ? `${held.code}: ${held.message}` : 'it does not say why'
  switch (step) {
    case 'suspected':
      return `${before || leader || 'the leader'} may no longer lead (${source})`
    case 'confirmed':
      return `${leader} leads${before ? `, after ${before}` : ''}: confirmed in ${timings.confirmMs} ms (${source})`
    case 'told':
      return `HAProxy was told that ${leader} leads, ${timings.confirmMs + timings.tellMs} ms after the first hint`
    case 'moved':
      return `the variant of ${leader} is in place${timings.moveMs > 0 ? `, ${timings.moveMs} ms after the first hint` : ''}${held ? `; ${why}` : ''}`
    case 'unchanged':
      return `${leader || 'nobody'} leads as before${source ? ` (${source})` : ''}`
    case 'held':
      // HAProxy has been told by then; only the files take their time.
      return `${held?.code === 'FLAPPING' ? 'files wait' : 'not followed'}: ${why}`
    case 'failed':
      return `failed, and is tried again: ${why}`
  }
}

/** With what a node wrote cut short. */
export function shortened(report: LeaderReport): LeaderReport {
  const { leader, before, source, held } = report
  return {
    ...report,
    leader: cut(leader),
    before: cut(before),
    source: cut(source),
    held: held && { code: cut(held.code), message: cut(held.message) },
  }
}

function cut(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}...` : text
}
