/** For a session hub in a test to which leaders, certificates, and who comes and goes, do not matter. */
import type { HubPorts } from '../../controller/stream/session-hub.ts'

export const deafPorts: Pick<HubPorts, 'authorities' | 'health' | 'leaders' | 'presence' | 'signer'> = {
  authorities: { observed: () => undefined },
  leaders: {
    report: async () => undefined,
    observed: async () => undefined,
    greeted: async () => undefined,
  },
  health: { observed: () => undefined, closed: () => undefined, stop: () => undefined },
  signer: { signNode: () => Promise.reject(new Error('nobody asked for a certificate')) },
  presence: { opened: () => undefined, closed: () => undefined, stop: () => undefined },
}
