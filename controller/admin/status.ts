/** The state of things: what is assigned, what runs, what is wrong. Sent, applied and healthy stay apart. */

import { isFollowing } from '../../shared/model/follow-policy.ts'
import type { LeaderView } from '../../shared/model/leader.ts'
import type { Snapshot } from '../../shared/model/snapshot.ts'
import { followToWire, quarantinedToWire } from '../../shared/rpc/convert.ts'
import type { Drift__Output } from '../../shared/rpc/generated/pgsvc/v1/Drift.ts'
import type { EtcdWatch } from '../../shared/rpc/generated/pgsvc/v1/EtcdWatch.ts'
import type { NodeStatus } from '../../shared/rpc/generated/pgsvc/v1/NodeStatus.ts'
import type { Observation__Output } from '../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import type { OwnerNodeStatus } from '../../shared/rpc/generated/pgsvc/v1/OwnerNodeStatus.ts'
import type { OwnerStatus } from '../../shared/rpc/generated/pgsvc/v1/OwnerStatus.ts'
import type { Repair__Output } from '../../shared/rpc/generated/pgsvc/v1/Repair.ts'
import type { StatusResponse } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { version } from '../../shared/version.ts'
import type { EtcdState } from '../etcd/etcd-status.ts'
import { followedInMs, liveLeaderOf, type SeenBy, seenLeaders } from '../leaders/seen-leaders.ts'
import { isFollowed } from '../store/assignment.ts'
import type { AssignmentRecord, LeaderRecord, NodeRecord, RevisionRecord, Store } from '../store/store.ts'
import type { SessionHub } from '../stream/session-hub.ts'
import { type CertificateFacts, controllerCertificate, nodeCertificate } from './certificate-status.ts'
import { expectKnown } from './expect-known.ts'
import { optionalFault } from './wire-event.ts'

/**
 * @param names - owners and nodes to show; empty for all. An owner brings its nodes along, a node its owners
 * @param facts - absent: nothing is said of certificates
 * @throws AppError `NAME_UNKNOWN`
 */
export async function statusOf(
  store: Store,
  hub: SessionHub,
  names: readonly string[],
  etcd: EtcdState = { kind: 'off' },
  facts?: CertificateFacts,
): Promise<StatusResponse> {
  await expectKnown(store, hub.connected(), names)
  const [owners, assignments, records] = await Promise.all([
    store.owners(),
    store.assignments(),
    store.nodes(),
  ])
  const wanted = (name: string) => names.length === 0 || names.includes(name)
  const carried = new Set([
    ...assignments.filter(({ node }) => names.includes(node)).map(({ owner }) => owner),
    ...records
      .filter(({ node }) => names.includes(node))
      .flatMap(({ applied }) => applied.map(({ owner }) => owner)),
  ])
  const shownOwners = owners.filter((owner) => wanted(owner) || carried.has(owner))
  const known = [...new Set([...records.map(({ node }) => node), ...hub.connected()])].sort()
  const seen = seenLeaders(hub, assignments)
  const given = await withoutKept(store, records, assignments)
  const ownerStatus = await Promise.all(
    shownOwners.map((owner) => ownerStatusOf(store, owner, assignments, given, seen.get(owner) ?? [])),
  )
  const asked = ownerStatus.filter(({ owner }) => owner !== undefined && wanted(owner))
  const carriers = new Set(asked.flatMap((status) => (status.nodes ?? []).map(({ node }) => node)))
  const nodeStatus = await Promise.all(
    known
      .filter((node) => wanted(node) || carriers.has(node))
      .map(async (node) => {
        const [record, snapshot] = await Promise.all([store.node(node), store.snapshot(node)])
        return nodeStatusOf(record, snapshot, hub, facts)
      }),
  )
  const own = facts ? controllerCertificate(facts) : { notAfterMs: 0, problems: [] }
  return {
    ...{ owners: ownerStatus, nodes: nodeStatus, controllerVersion: version, etcd: etcdToWire(etcd) },
    certificateNotAfterMs: own.notAfterMs,
    problems: [...own.problems],
  }
}

/** What a node runs from before this database is its own matter: no cluster's status depends on its word. */
async function withoutKept(
  store: Store,
  records: readonly NodeRecord[],
  assignments: readonly AssignmentRecord[],
): Promise<readonly NodeRecord[]> {
  const isAssigned = new Set(assignments.map(({ node, owner }) => `${owner} ${node}`))
  return await Promise.all(
    records.map(async (record) => {
      if (record.applied.every(({ owner }) => isAssigned.has(`${owner} ${record.node}`))) return record
      const { keptOwners = [] } = await store.snapshot(record.node)
      return { ...record, applied: record.applied.filter(({ owner }) => !keptOwners.includes(owner)) }
    }),
  )
}

function etcdToWire(etcd: EtcdState): EtcdWatch | null {
  if (etcd.kind === 'off') return null
  if (etcd.kind === 'trying') return { watching: false, sinceMs: etcd.sinceMs, reason: etcd.reason }
  const { sinceMs, endpoint, leaders } = etcd
  return { watching: true, sinceMs, endpoint, leaders }
}

async function ownerStatusOf(
  store: Store,
  owner: string,
  assignments: readonly AssignmentRecord[],
  records: readonly NodeRecord[],
  seen: readonly SeenBy[],
): Promise<OwnerStatus> {
  const newest = await store.newestRevision(owner)
  const record = await store.leader(owner)
  const leader = leaderOf(newest, record, seen)
  const live = liveLeaderOf(seen)
  const aloof = new Set(aloofOf(newest, seen).map(({ node }) => node))
  const assigned = new Map(
    assignments.filter((row) => row.owner === owner).map((row) => [row.node, row.revision]),
  )
  const running = new Map(
    records.flatMap(({ node, applied }) => {
      const found = applied.find((entry) => entry.owner === owner)
      return found ? [[node, found] as const] : []
    }),
  )
  const planned = newest?.plan.nodes.map(({ node }) => node) ?? []
  const nodes = [...new Set([...planned, ...assigned.keys(), ...running.keys()])].filter(
    (node) => assigned.has(node) || running.has(node),
  )
  return {
    owner,
    newest: newest?.number ?? 0,
    leader,
    inventoryLeader: newest?.plan.leader ?? '',
    leaderSinceMs: record?.leader === leader ? record.sinceMs : 0,
    followedInMs: followedInMs(seen, live?.leader ?? leader),
    follow: followToWire(newest?.plan.follow ?? 'default'),
    liveLeader: live?.leader ?? '',
    liveSinceMs: (live?.leader === record?.leader ? record?.sinceMs : live?.sinceMs) ?? 0,
    provider: newest?.plan.provider ?? '',
    nodes: nodes.map((node): OwnerNodeStatus => {
      const entry = running.get(node)
      const runs = entry?.leader ?? ''
      return {
        node,
        assigned: assigned.get(node) ?? 0,
        running: entry?.revision ?? 0,
        leader: runs,
        wantedLeader: aloof.has(node) ? runs : leader,
      }
    }),
  }
}

function leaderOf(
  newest: RevisionRecord | undefined,
  record: LeaderRecord | undefined,
  seen: readonly SeenBy[],
): string {
  if (newest === undefined) return ''
  const { plan } = newest
  const aloof = aloofOf(newest, seen)
  const [kept, ...others] = new Set(aloof.map(({ view }) => view.running))
  if (kept && others.length === 0 && aloof.length === seen.length) return kept
  const isKnown = plan.members.some(({ instance }) => instance === record?.leader)
  return record && isKnown && isFollowed(plan) ? record.leader : plan.leader
}

/** Nodes that by their own policy stay with what they have until the next publish. */
function aloofOf(newest: RevisionRecord | undefined, seen: readonly SeenBy[]): readonly SeenBy[] {
  return newest && isFollowed(newest.plan) ? seen.filter(({ view }) => !isFollowing(view.follow)) : []
}

function nodeStatusOf(
  record: NodeRecord,
  { assignments, keptOwners = [] }: Snapshot,
  hub: SessionHub,
  facts: CertificateFacts | undefined,
): NodeStatus {
  const session = hub.session(record.node)
  const certificate = facts && nodeCertificate(facts, record.node, session?.observation?.certificate)
  const isAssigned = (view: LeaderView) => assignments.some(({ owner }) => owner === view.owner)
  const parked = record.failed !== undefined && record.failed.version === record.version
  const problems = [
    ...(session ? problemsOf(session.observation) : ['not connected']),
    ...(session?.views ?? []).filter(isAssigned).flatMap(leaderProblem),
    ...(record.version > 0 && record.appliedVersion !== record.version
      ? ['does not run what it should']
      : []),
    ...keptOwners.map((owner) => `runs ${owner}, which was never published to it from here`),
    ...(certificate?.problems ?? []),
  ]
  return {
    node: record.node,
    connected: session !== undefined,
    sinceMs: session?.sinceMs ?? record.lastSeenMs,
    wantedVersion: record.version,
    sentVersion: record.sentVersion,
    appliedVersion: record.appliedVersion,
    parked,
    fault: optionalFault(record.failed?.fault),
    healthy: problems.length === 0 && record.quarantined.length === 0,
    problems,
    agentVersion: record.agentVersion,
    haproxyVersion: record.haproxyVersion,
    oldWorkers: session?.observation?.oldWorkers ?? [],
    lastReload: session?.observation?.lastReload ?? null,
    drift: session?.observation?.drift ?? [],
    lastRepair: session?.observation?.lastRepair ?? null,
    quarantined: quarantinedToWire(record.quarantined),
    certificateNotAfterMs: certificate?.notAfterMs ?? 0,
    relayed: session?.isRelayed ?? false,
  }
}

function problemsOf(observation: Observation__Output | undefined): string[] {
  if (!observation) return ['nothing observed yet']
  const { haproxyRunning, servingApplied, servicesDown, drift, lastRepair, oldWorkers } = observation
  return [
    ...(haproxyRunning ? [] : ['HAProxy is not running']),
    ...(haproxyRunning && !servingApplied ? ['HAProxy has not loaded what was applied'] : []),
    ...servicesDown.map((service) => `no server of ${service} is up`),
    ...drift.map((file) => driftProblem(file, lastRepair)),
    ...oldWorkers.flatMap(({ pid, silent }) => (silent ? [silentWorker(pid)] : [])),
  ]
}

/** What keeps a node from following a leader, or from doing so at once. */
function leaderProblem({ owner, held }: LeaderView): string[] {
  return held ? [`${owner}: ${held.code}: ${held.message}`] : []
}

/** Its sockets are open as long as it stands still, and the kernel gives it its share. */
function silentWorker(pid: number): string {
  return `the old worker ${pid} of HAProxy does not answer: if it stands still, a part of new connections waits for it (kill -9 ${pid})`
}

/** What an agent does about a file, in words; agents of before say nothing. */
const actions: Readonly<Record<string, string>> = {
  waiting: ', is put back when nobody has changed anything for a while',
  left: ', left as it is',
  fight: ': FIGHT, somebody did it again and again, left alone for now',
  failed: ', could not be put back',
}

function driftProblem({ name, kind, action }: Drift__Output, lastRepair: Repair__Output | null): string {
  const fault = action === 'failed' ? lastRepair?.fault : undefined
  return `${name} ${kind}${actions[action] ?? ''}${fault ? `: ${fault.code}: ${fault.message}` : ''}`
}
