/**
 * Between what follows leaders and the stream of the moment: reports go to whoever is connected, hints come from there.
 * Reports that nobody hears are no loss: a new stream is told who leads anyway.
 */
import type { LeaderHint, LeaderReport } from '../../shared/model/leader.ts'

export interface LeaderChannel {
  /** To the controller, if one is there. */
  report(report: LeaderReport): void
  /** A stream was welcomed. */
  attach(send: (report: LeaderReport) => void): void
  detach(): void
  /** Between `attach` and `detach`. */
  isAttached(): boolean
  /** From the controller. */
  hint(hint: LeaderHint): void
  /** @param listener - the part that follows leaders */
  listen(listener: { hint(hint: LeaderHint): void; connected(): void }): void
}

export function createLeaderChannel(): LeaderChannel {
  let send: ((report: LeaderReport) => void) | undefined
  let listener: { hint(hint: LeaderHint): void; connected(): void } | undefined
  return {
    report: (report) => send?.(report),
    attach(next) {
      send = next
      listener?.connected()
    },
    detach() {
      send = undefined
    },
    isAttached: () => send !== undefined,
    hint: (hint) => listener?.hint(hint),
    listen(next) {
      listener = next
    },
  }
}
