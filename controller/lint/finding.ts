/** What lint says of an inventory. */
import type { Problem } from '../plan/owner-plan.ts'

export interface Finding extends Problem {
  /** Why it matters, one sentence. */
  readonly why: string
  /** It concerns only what Pigsty itself would write; what is published is right. */
  readonly strict: boolean
  /** Owners and nodes that show the same at the same place. */
  readonly also: readonly string[]
}
