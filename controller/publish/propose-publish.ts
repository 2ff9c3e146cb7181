/** From the inventory to what a publish would change. */
import { hostOfNodeOwner, type Owner } from '../../shared/model/snapshot.ts'
import type { OwnerPlan } from '../plan/owner-plan.ts'
import type { OwnerTarget } from '../plan/targets.ts'
import type { Store } from '../store/store.ts'
import { assignedPlans } from './assigned-plans.ts'
import type { Catalogue, CatalogueEntry, TargetKind } from './catalogue.ts'
import { type OwnerChange, type Proposal, planDigest } from './change.ts'
import type { Notice } from './events.ts'
import { asGone, goneOwners, nobodyGone } from './gone-owners.ts'
import { leaderNotice } from './leader-notice.ts'
import { noticeOfProblem } from './notices.ts'

export interface PublishWish {
  readonly pattern: string
  /** Only these nodes; empty for all. */
  readonly nodes: readonly string[]
  readonly kind: TargetKind
}

/** @throws AppError when a name is unknown or the inventory cannot be read */
export async function proposePublish(
  store: Store,
  catalogue: Catalogue,
  wish: PublishWish,
): Promise<Proposal> {
  const assigned = await nodesByOwner(store)
  const carriers = new Set([...assigned.keys()].flatMap((owner) => hostOfNodeOwner(owner) ?? []))
  const entry = await catalogue
    .look(wish.pattern, wish.nodes, wish.kind, carriers)
    .catch((error: unknown) => {
      throw asGone(error, wish, assigned)
    })
  const { targets, plan } = entry
  const problems = plan.problems.filter((problem) => problem.severity === 'error').map(noticeOfProblem)
  const warnings = [...targets.warnings, ...plan.problems.filter((problem) => problem.severity === 'warning')]
  const changes: OwnerChange[] = []
  // Limited to some nodes, the targets are not all that the inventory has.
  const gone = wish.nodes.length === 0 ? goneOwners(wish, targets.owners, assigned) : nobodyGone
  const errors: Notice[] = [...problems, ...gone.errors]
  const ending: Notice[] = []
  const led: Notice[] = []
  for (const target of targets.owners) {
    const ownerPlan = plan.owners.find((candidate) => candidate.owner === target.owner)
    if (ownerPlan) {
      const change = await changeOf(store, entry, ownerPlan, target, wish.nodes.length === 0)
      if (await isEmpty(store, ownerPlan)) continue
      changes.push(change)
      ending.push(...change.unassign.map((node) => leaves(target.owner, node)))
      const before = await assignedPlans(store, await store.assignments({ owner: target.owner }))
      const notice = leaderNotice(ownerPlan, await store.leader(target.owner), before)
      if (notice && change.assign.length > 0) led.push(notice)
    } else if (!problems.some((problem) => problem.owner === target.owner)) {
      errors.push(nothingFor(target.owner))
    }
  }
  return {
    kind: 'publish',
    targets: targets.owners,
    changes: changes.filter((change) => change.assign.length + change.unassign.length > 0),
    blobs: plan.blobs,
    warnings: [...[...entry.warnings, ...warnings].map(noticeOfProblem), ...ending, ...led, ...gone.warnings],
    errors,
    guardShrink: true,
  }
}

async function nodesByOwner(store: Store): Promise<ReadonlyMap<Owner, readonly string[]>> {
  const assigned = await store.assignments()
  const owners = new Set(assigned.map(({ owner }) => owner))
  return new Map(
    [...owners].map((owner) => [
      owner,
      assigned.filter((one) => one.owner === owner).map(({ node }) => node),
    ]),
  )
}

/** Has no file anywhere and had none: a revision of nothing is not worth its number. */
async function isEmpty(store: Store, plan: OwnerPlan): Promise<boolean> {
  const hasFiles = plan.nodes.some(({ variants }) => variants.some(({ files }) => files.length > 0))
  return !hasFiles && (await store.assignments({ owner: plan.owner })).length === 0
}

async function changeOf(
  store: Store,
  entry: CatalogueEntry,
  plan: OwnerPlan,
  target: OwnerTarget,
  allNodes: boolean,
): Promise<OwnerChange> {
  const { owner } = plan
  const [newest, assigned, followed] = await Promise.all([
    store.newestRevision(owner),
    store.assignments({ owner }),
    store.leader(owner),
  ])
  const planned = plan.nodes.map((nodePlan) => nodePlan.node)
  const whole = allNodes && planned.every((node) => target.nodes.includes(node))
  const contentDigest = planDigest(plan)
  const number = newest?.contentDigest === contentDigest ? newest.number : (newest?.number ?? 0) + 1
  const create = { number, contentDigest, inventoryDigest: entry.inventoryDigest, plan }
  return {
    owner,
    revision: newest?.number === number ? { number, plan } : { number, plan, create },
    assign: target.nodes.filter((node) => planned.includes(node)),
    // Only a publish of the whole owner says that a node is no longer its own.
    unassign: whole ? assigned.map(({ node }) => node).filter((node) => !planned.includes(node)) : [],
    followed: followed?.leader,
  }
}

function leaves(owner: Owner, node: string): Notice {
  return {
    code: 'ASSIGNMENT_ENDS',
    message: `${owner} leaves ${node}: the inventory has it there no longer`,
    owner,
  }
}

function nothingFor(owner: Owner): Notice {
  return { code: 'NOTHING_TO_PUBLISH', message: `the inventory defines no service of ${owner}`, owner }
}
