/** For a session hub in a test to which leaders, certificates, and who comes and goes, do not matter. */
import type { HubPorts } from '../../controller/stream/session-hub.ts'

type Deaf = 'authorities' | 'distrust' | 'health' | 'leaders' | 'presence' | 'quota' | 'signer'

export const deafPorts: Pick<HubPorts, Deaf> = {
  authorities: { observed: () => undefined },
  quota: { passes: () => true },
  distrust: () => undefined,
  leaders: {
    report: async () => undefined,
    observed: async () => undefined,
    greeted: async () => undefined,
  },
  health: { observed: () => undefined, closed: () => undefined, stop: () => undefined },
  signer: { signNode: () => Promise.reject(new Error('nobody asked for a certificate')) },
  presence: { opened: () => undefined, closed: () => undefined, stop: () => undefined },
}
