/** Small plans and commits for tests of the controller. */

import type { OwnerPlan } from '../../../controller/plan/owner-plan.ts'
import { planDigest } from '../../../controller/publish/change.ts'
import type { CommitRequest, Store } from '../../../controller/store/store.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'

export interface SamplePlan {
  readonly plan: OwnerPlan
  readonly blobs: ReadonlyMap<string, string>
}

/** A cluster whose every node has one service file per possible leader, all with `body` in them. */
export function samplePlan(
  owner: string,
  nodes: readonly string[],
  body: string,
  { port = 5433, file = `${owner}-primary.cfg`, leader = `${owner}-1`, empty = false } = {},
): SamplePlan {
  const blobs = new Map<string, string>()
  const text = (of: string) => {
    const content = `listen ${owner}-primary\n    bind *:${port}\n    # ${body} ${of}\n`
    blobs.set(sha256(content), content)
    return sha256(content)
  }
  const instances = [`${owner}-1`, `${owner}-2`]
  const plan: OwnerPlan = {
    owner,
    provider: '',
    leader,
    members: instances.map((instance, index) => ({
      instance,
      address: nodes[index] ?? `10.9.9.${index}`,
      patroniPort: 8008,
      patroniTls: false,
    })),
    nodes: nodes.map((node) => ({
      node,
      variants: instances.map((instance) => ({
        leader: instance,
        files: empty ? [] : [{ name: file, digest: text(instance) }],
        services: empty
          ? []
          : [{ name: `${owner}-primary`, port, check: '/primary', servers: instances, backups: [] }],
      })),
    })),
  }
  return { plan, blobs }
}

/** A commit of one new revision to all nodes of its plan. */
export function commitOf(
  { plan, blobs }: SamplePlan,
  number: number,
  versions: Readonly<Record<string, number>>,
  publishId = `p${number}`,
): CommitRequest {
  const nodes = plan.nodes.map(({ node }) => node)
  return {
    publishId,
    atMs: 1_000 + number,
    kind: 'publish',
    operator: 'ann',
    revisions: [{ number, plan, inventoryDigest: 'd'.repeat(64), contentDigest: planDigest(plan) }],
    blobs,
    assign: nodes.map((node) => ({ owner: plan.owner, node, revision: number })),
    unassign: [],
    nodes: new Map(nodes.map((node) => [node, versions[node] ?? 0])),
    acts: [{ owner: plan.owner, revision: number, nodes }],
  }
}

/** What the store says of a node, short: version and owner@revision. */
export async function assignedTo(store: Store, node: string): Promise<string> {
  const { version, assignments } = await store.snapshot(node)
  return [`v${version}`, ...assignments.map(({ owner, revision }) => `${owner}@${revision}`)].join(' ')
}
