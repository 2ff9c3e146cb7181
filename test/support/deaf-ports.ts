/** For a session hub in a test to which leaders, and who comes and goes, do not matter. */
import type { HubPorts } from '../../controller/stream/session-hub.ts'

export const deafPorts: Pick<HubPorts, 'health' | 'leaders' | 'presence'> = {
  leaders: {
    report: async () => undefined,
    observed: async () => undefined,
    greeted: async () => undefined,
  },
  health: { observed: () => undefined, closed: () => undefined, stop: () => undefined },
  presence: { opened: () => undefined, closed: () => undefined, stop: () => undefined },
}
