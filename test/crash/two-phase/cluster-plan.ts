/** An inventory of one cluster whose files a test writes itself. */
import type { NodePlan, OwnerPlan } from '../../../controller/plan/owner-plan.ts'
import type { Catalogue } from '../../../controller/publish/catalogue.ts'
import { sha256 } from '../../../shared/digest/sha256.ts'

export const cluster = 'pg-test'

export interface PlanFile {
  /** Texts by name, by node. The first `bind` of a file says its port. */
  readonly nodes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const leader = `${cluster}-1`

/** What the controller makes of it. */
export function clusterPlan({ nodes }: PlanFile): Awaited<ReturnType<Catalogue['look']>> {
  const plan: OwnerPlan = {
    owner: cluster,
    provider: '',
    leader,
    members: [{ instance: leader, address: '127.0.0.1', patroniPort: 8008, patroniTls: false }],
    nodes: Object.entries(nodes).map(([node, files]) => nodePlan(node, files)),
  }
  const texts = Object.values(nodes).flatMap((files) => Object.values(files))
  return {
    targets: { owners: [{ owner: cluster, provider: '', nodes: Object.keys(nodes) }], warnings: [] },
    plan: { owners: [plan], problems: [], blobs: new Map(texts.map((text) => [sha256(text), text])) },
    inventoryDigest: 'i'.repeat(64),
    warnings: [],
  }
}

function nodePlan(node: string, files: Readonly<Record<string, string>>): NodePlan {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))
  const services = sorted.map(([name, text]) => ({
    name: name.replace(/\.cfg$/, ''),
    port: Number(/bind \S+:(\d+)/.exec(text)?.[1]),
    check: '/primary',
    servers: [leader],
    backups: [],
  }))
  const refs = sorted.map(([name, text]) => ({ name, digest: sha256(text) }))
  return { node, variants: [{ leader, files: refs, services }] }
}
