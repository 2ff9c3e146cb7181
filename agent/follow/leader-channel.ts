/**
 * Between what follows leaders and the stream of the moment: reports go to whoever is connected, hints come from there.
 *
 * The last steps that nobody could hear are kept and told late: they explain what happened, and when. Who leads now, a
 * new stream is told anyway.
 */
import type { LeaderHint, LeaderReport, LeaderStep } from '../../shared/model/leader.ts'

export interface LeaderChannel {
  /** To the controller, at once or when one is there. */
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

/** Of all clusters together; those before are lost. */
const keptSteps = 200

/** That something was suspected explains nothing any more when it is known what came of it. */
const worthTelling: ReadonlySet<LeaderStep> = new Set(['confirmed', 'told', 'moved', 'held', 'failed'])

export function createLeaderChannel(): LeaderChannel {
  let send: ((report: LeaderReport) => void) | undefined
  let listener: { hint(hint: LeaderHint): void; connected(): void } | undefined
  let unheard: readonly LeaderReport[] = []
  return {
    report(report) {
      if (send) send(report)
      else if (worthTelling.has(report.step)) unheard = [...unheard, report].slice(-keptSteps)
    },
    attach(next) {
      send = next
      for (const report of unheard) next({ ...report, late: true })
      unheard = []
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
