/** Striking nodes that are gone for good: nobody is asked, and what lies on them stays. */
import { AppError } from '../../shared/errors/app-error.ts'
import { nearHint } from '../explain/near-names.ts'
import type { AssignmentRecord, CommitRequest } from '../store/store.ts'
import { forgottenEvents } from './act-events.ts'
import type { PublishPorts } from './publish-ports.ts'

export type ForgetPorts = Pick<PublishPorts, 'store' | 'links' | 'clock' | 'log' | 'newId'>

export interface ForgetOptions {
  /** Change nothing, say what would happen. */
  readonly check: boolean
  readonly operator: string
}

export interface ForgottenNode {
  readonly node: string
  /** What it was assigned until now, sorted by owner. */
  readonly ended: readonly AssignmentRecord[]
}

/**
 * All of them or none. A node that comes back all the same is one that was never heard of: it keeps what it runs until
 * something is published to it.
 *
 * @throws AppError `NAME_UNKNOWN`, `NODE_NOT_GONE`, and `STATE_MOVED` when one of them was published to meanwhile
 */
export async function forgetNodes(
  ports: ForgetPorts,
  nodes: readonly string[],
  { check, operator }: ForgetOptions,
): Promise<readonly ForgottenNode[]> {
  const { store, links, clock, newId, log } = ports
  const named = [...new Set(nodes)]
  const records = await store.nodes()
  expectKnownNodes(
    named,
    records.map(({ node }) => node),
  )
  expectGone(named.filter((node) => links.link(node) !== undefined))
  const found = await Promise.all(
    named.map(async (node) => ({ node, ended: await store.assignments({ node }) })),
  )
  if (check) return found
  const ended = found.flatMap((one) => one.ended)
  const request: CommitRequest = {
    ...{ publishId: newId(), atMs: clock.now(), kind: 'forget', operator, revisions: [], blobs: new Map() },
    assign: [],
    unassign: ended,
    nodes: new Map(
      records.filter(({ node }) => named.includes(node)).map(({ node, version }) => [node, version]),
    ),
    acts: actsOf(ended),
    forget: named,
    events: found.flatMap((one) => forgottenEvents(one.node, one.ended, { operator, atMs: clock.now() })),
  }
  await store.commit(request)
  for (const { owner } of request.acts) await store.finishAct(request.publishId, owner, 'done')
  log.info({ nodes: named, operator }, 'nodes forgotten')
  return found
}

/** One per owner. */
function actsOf(ended: readonly AssignmentRecord[]): CommitRequest['acts'] {
  const byOwner = Map.groupBy(ended, ({ owner }) => owner)
  return [...byOwner].map(([owner, rows]) => ({ owner, revision: 0, nodes: rows.map(({ node }) => node) }))
}

function expectKnownNodes(named: readonly string[], known: readonly string[]): void {
  const [first, ...others] = named.filter((node) => !known.includes(node))
  if (first === undefined) return
  throw new AppError('NAME_UNKNOWN', `nothing is known of a node ${[first, ...others].join(', ')}`, {
    hint: nearHint(first, known, 'nodes'),
  })
}

function expectGone(connected: readonly string[]): void {
  const [first] = connected
  if (first === undefined) return
  throw new AppError('NODE_NOT_GONE', `${connected.join(', ')}: an agent runs there and is connected`, {
    hint: `"pgsvc unenroll ${first}" takes the agent off, "pgsvc remove <cls> ${first}" the files of a cluster; where nobody can log in, "pgsvc pki revoke node ${first}" ends its stream`,
  })
}
