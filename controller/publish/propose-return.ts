/** Going back to an earlier revision, and taking an owner off its nodes: neither reads the inventory. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { RevisionRecord, Store } from '../store/store.ts'
import { assignedPlans } from './assigned-plans.ts'
import type { Proposal } from './change.ts'
import type { Notice } from './events.ts'
import { leaderNotice } from './leader-notice.ts'

/** Acts looked through for nodes that once had a revision. */
const actLimit = 1_000
const listLimit = 20

/**
 * @param wanted - revision number; 0 for the one before the newest assigned, or, when the owner is assigned
 *   nowhere, the newest
 * @throws AppError `OWNER_UNKNOWN`, `REVISION_UNKNOWN` with what there is in the hint
 */
export async function proposeRollback(store: Store, owner: Owner, wanted: number): Promise<Proposal> {
  const newest = await store.newestRevision(owner)
  if (!newest) throw await unknownOwner(store, owner)
  const assigned = await store.assignments({ owner })
  const newestAssigned = Math.max(0, ...assigned.map((assignment) => assignment.revision))
  const number = wanted || (newestAssigned > 0 ? newestAssigned - 1 : newest.number)
  const record = number > 0 ? await store.revision(owner, number) : undefined
  if (!record) throw await unknownRevision(store, owner, number)
  const now = assigned.map(({ node }) => node)
  const had = await nodesThatHad(store, owner, number)
  const known = new Set((await store.nodes()).map(({ node }) => node))
  const forgotten = [...had].filter((node) => !known.has(node))
  const planned = record.plan.nodes.map(({ node }) => node)
  const followed = await store.leader(owner)
  const notice = leaderNotice(record.plan, followed, await assignedPlans(store, assigned))
  const assign = planned.filter((node) => now.includes(node) || (had.has(node) && known.has(node)))
  return {
    kind: 'rollback',
    targets: [{ owner, nodes: assign, provider: record.plan.provider }],
    changes: [
      {
        owner,
        revision: { number, plan: record.plan },
        assign,
        unassign: now.filter((node) => !planned.includes(node)),
        followed: followed?.leader,
      },
    ],
    blobs: new Map(),
    warnings: [...(notice ? [notice] : []), ...forgottenNotice(forgotten)],
    errors: [],
    guardShrink: true,
  }
}

function forgottenNotice(nodes: readonly string[]): readonly Notice[] {
  if (nodes.length === 0) return []
  const message = `${nodes.join(', ')} had it and was forgotten since: left out`
  return [{ code: 'NODE_FORGOTTEN', message }]
}

/** A node that lost the owner since gets it back, one that never had this revision does not get it now. */
async function nodesThatHad(store: Store, owner: Owner, number: number): Promise<ReadonlySet<string>> {
  const acts = await store.acts(owner, actLimit)
  return new Set(acts.filter((act) => act.revision === number).flatMap((act) => act.nodes))
}

/**
 * @param nodes - only these; empty for all that the owner is assigned to
 * @throws AppError `OWNER_UNKNOWN`, `NODE_NOT_ASSIGNED` with the right names in the hint
 */
export async function proposeRemoval(
  store: Store,
  owner: Owner,
  nodes: readonly string[],
): Promise<Proposal> {
  const assigned = (await store.assignments({ owner })).map(({ node }) => node)
  const carrying = [...assigned, ...(await keepersOf(store, owner))]
  if (carrying.length === 0) throw await notAssigned(store, owner)
  const wrong = nodes.filter((node) => !carrying.includes(node))
  if (wrong.length > 0) {
    throw new AppError('NODE_NOT_ASSIGNED', `${owner} is not assigned to ${wrong.join(', ')}`, {
      hint: `it is on ${carrying.join(', ')}`,
    })
  }
  const unassign = nodes.length > 0 ? carrying.filter((node) => nodes.includes(node)) : carrying
  const newest = await store.newestRevision(owner)
  return {
    kind: 'remove',
    targets: [{ owner, nodes: unassign, provider: newest?.plan.provider ?? '' }],
    changes: [{ owner, assign: [], unassign, followed: undefined }],
    blobs: new Map(),
    warnings: [],
    errors: [],
    guardShrink: false,
  }
}

/** Nodes that run it from before this database, and keep it until somebody says otherwise. */
async function keepersOf(store: Store, owner: Owner): Promise<readonly string[]> {
  const nodes = await store.nodes()
  const running = nodes.filter(({ applied }) => applied.some((one) => one.owner === owner))
  const kept = await Promise.all(
    running.map(async ({ node }) => {
      const { keptOwners = [] } = await store.snapshot(node)
      return keptOwners.includes(owner) ? [node] : []
    }),
  )
  return kept.flat()
}

async function unknownOwner(store: Store, owner: Owner): Promise<AppError> {
  const assigned = await store.assignments()
  const owners = [...new Set([...(await store.owners()), ...assigned.map((assignment) => assignment.owner)])]
  return new AppError('OWNER_UNKNOWN', `nothing was ever published of ${owner}`, {
    hint: owners.length > 0 ? `published: ${owners.join(', ')}` : 'nothing was published yet',
  })
}

/** Of one that was published once it matters that there is nothing left to do. */
async function notAssigned(store: Store, owner: Owner): Promise<AppError> {
  if ((await store.newestRevision(owner)) === undefined) return await unknownOwner(store, owner)
  const assigned = [...new Set((await store.assignments()).map((assignment) => assignment.owner))]
  const others = assigned.length > 0 ? `on nodes are: ${assigned.join(', ')}` : 'no node has anything'
  return new AppError('OWNER_UNKNOWN', `${owner} is assigned to no node: there is nothing to remove`, {
    hint: `"pgsvc history ${owner}" says what was done with it; ${others}`,
  })
}

async function unknownRevision(store: Store, owner: Owner, number: number): Promise<AppError> {
  const known = await store.revisions(owner, listLimit)
  const list = known.map((record: RevisionRecord) => `@${record.number}`).join(', ')
  const what = number > 0 ? `${owner} has no revision ${number}` : `${owner} has no revision before its first`
  return new AppError('REVISION_UNKNOWN', what, { hint: `it has ${list}` })
}
