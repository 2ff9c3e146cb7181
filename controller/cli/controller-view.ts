/** The controller as enrolment sees it, by way of the commands' client. One look at its status serves many nodes. */
import type { ControllerView, Presence } from '../enroll/controller-view.ts'
import type { AdminClient } from './admin-client.ts'

const askMs = 15_000
/** So old may a look at the status be. */
const freshMs = 250

/**
 * @param monotonic - milliseconds
 * @param operator - who works with it, for the record
 */
export function controllerView(
  admin: AdminClient,
  monotonic: () => number,
  operator: string,
): ControllerView {
  let looked: { readonly atMs: number; readonly nodes: Promise<ReadonlyMap<string, Presence>> } | undefined
  const look = () => {
    const nowMs = monotonic()
    if (looked === undefined || nowMs - looked.atMs > freshMs)
      looked = { atMs: nowMs, nodes: presences(admin) }
    return looked.nodes
  }
  return {
    presence: async (node) => (await look()).get(node),
    certificates: () => admin.ask('Certificates', { all: true }, askMs),
    sign: (node, csrPem) => admin.ask('SignNode', { node, csrPem }, askMs),
    forget: async (node) => void (await admin.ask('Forget', { nodes: [node], options: { operator } }, askMs)),
    revoke: async (node) => void (await admin.ask('RevokeNode', { node }, askMs)),
  }
}

async function presences(admin: AdminClient): Promise<ReadonlyMap<string, Presence>> {
  const { nodes, owners } = await admin.status({ names: [] }, askMs)
  const assigned = (node: string) =>
    owners.flatMap((owner) =>
      owner.nodes
        .filter((one) => one.node === node && one.assigned > 0)
        .map((one) => `${owner.owner}@${one.assigned}`),
    )
  return new Map(
    nodes.map(({ node, connected, sinceMs }) => [node, { connected, sinceMs, assigned: assigned(node) }]),
  )
}
