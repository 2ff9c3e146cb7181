/**
 * Whether what is said of a leader takes the place of what is known. Pure.
 *
 * A report can be late: it was on its way while others followed the next leader. Timelines tell, within one system.
 * Nodes' clocks do not: reports are told apart by the order in which they come. No report is older than the silence
 * after which its stream would have been given up, because a node that comes back tells how it stands, not what it
 * once did. A database that was put back from a copy may begin at an older timeline again; that it is followed shows
 * when the nodes agree (leaders/agreement.ts).
 */
import type { LeaderRecord } from './store.ts'

/** `leader`: another one leads; `timeline`: the same one does, and more is known of it. */
export type Succession = 'leader' | 'timeline' | 'known' | 'older'

type Claim = Pick<LeaderRecord, 'leader' | 'timeline'>

export function succession(known: Claim | undefined, claim: Claim): Succession {
  if (known === undefined) return 'leader'
  const isOlder = sameSystem(known, claim) && claim.timeline.timeline < known.timeline.timeline
  if (claim.leader !== known.leader) return isOlder ? 'older' : 'leader'
  const tellsMore = claim.timeline.timeline > 0 && !isOlder
  const isSame = sameSystem(known, claim) && claim.timeline.timeline === known.timeline.timeline
  return tellsMore && !isSame ? 'timeline' : 'known'
}

/** Both are known, and of one system. */
function sameSystem(one: Claim, other: Claim): boolean {
  const [a, b] = [one.timeline, other.timeline]
  return a.system !== '' && a.system === b.system && a.timeline > 0 && b.timeline > 0
}
