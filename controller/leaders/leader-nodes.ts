/** The nodes, as far as leaders go. */
import type { LeaderHint, LeaderView } from '../../shared/model/leader.ts'

export interface LeaderNodes {
  connected(): readonly string[]
  /** Sends it, if the node is there. */
  hint(node: string, hint: LeaderHint): void
  /** What the node said last of the clusters that it serves; undefined when it has said nothing yet. */
  views(node: string): readonly LeaderView[] | undefined
}
