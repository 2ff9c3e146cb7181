/** The state of things as tables, and whether all of it is as it should be. */
import type { EtcdWatch__Output } from '../../shared/rpc/generated/pgsvc/v1/EtcdWatch.ts'
import type { NodeStatus__Output } from '../../shared/rpc/generated/pgsvc/v1/NodeStatus.ts'
import type { OwnerNodeStatus__Output } from '../../shared/rpc/generated/pgsvc/v1/OwnerNodeStatus.ts'
import type { OwnerStatus__Output } from '../../shared/rpc/generated/pgsvc/v1/OwnerStatus.ts'
import type { QuarantinedOwner__Output } from '../../shared/rpc/generated/pgsvc/v1/QuarantinedOwner.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { changedFilesText, repairsTable } from './drift-view.ts'
import { type Paint, visible } from './paint.ts'
import { faultText } from './publish-lines.ts'
import { isoTime, table } from './table.ts'

/** All of it, for a person. */
export function statusText(status: StatusResponse__Output, paint: Paint): string {
  const parts = [
    ownersTable(status.owners),
    leaderLines(status.owners),
    assignmentsTable(status.owners),
    nodesTable(status.nodes),
    oldWorkersTable(status.nodes),
    repairsTable(status.nodes),
    changedFilesText(status.nodes, paint),
    etcdLine(status.etcd),
  ]
  const troubles = statusTroubles(status).map((trouble) => `${paint('red', '[FAIL]')} ${visible(trouble)}\n`)
  const end = troubles.length > 0 ? troubles.join('') : `${paint('green', '[ OK ]')} all is as it should be\n`
  return [...parts.filter((part) => part !== ''), end].join('\n')
}

function ownersTable(owners: readonly OwnerStatus__Output[]): string {
  if (owners.length === 0) return 'nothing has been published yet\n'
  return table(
    ['OWNER', 'NEWEST', 'LEADER', 'PROVIDER', 'ASSIGNED'],
    owners.map((owner) => [
      owner.owner,
      revisionText(owner.newest),
      owner.leader || '-',
      owner.provider || '-',
      assignedText(owner.nodes),
    ]),
  )
}

/** One line for each cluster whose leader is not the one that the inventory names: the live one, or the last that is known. */
function leaderLines(owners: readonly OwnerStatus__Output[]): string {
  const lines = owners.map((owner) => {
    const { inventoryLeader, liveLeader, followedInMs } = owner
    const says = liveLeader || owner.leader
    if (inventoryLeader === '' || says === inventoryLeader) return ''
    const sinceMs = liveLeader ? owner.liveSinceMs : owner.leaderSinceMs
    const since = sinceMs > 0 ? ` since ${isoTime(sinceMs)}` : ''
    const took = followedInMs > 0 ? `, followed in ${followedInMs} ms` : ''
    return `${owner.owner}: inventory says ${inventoryLeader}, Patroni says ${says}${since}${took}\n`
  })
  return lines.join('')
}

function etcdLine(etcd: EtcdWatch__Output | null): string {
  if (!etcd?.watching) return ''
  const { endpoint, sinceMs, leaders } = etcd
  return `etcd ${endpoint} is watched since ${isoTime(sinceMs)}; ${leaders} clusters have a leader there\n`
}

function etcdTroubles(etcd: EtcdWatch__Output | null): readonly string[] {
  if (etcd === null || etcd.watching || etcd.reason === '') return []
  return [
    `etcd is not watched since ${isoTime(etcd.sinceMs)} (${etcd.reason}); leader changes are learnt from the agents alone`,
  ]
}

function assignmentsTable(owners: readonly OwnerStatus__Output[]): string {
  const rows = owners.flatMap((owner) =>
    owner.nodes.map((node) => [
      owner.owner,
      node.node,
      revisionText(node.assigned),
      revisionText(node.running),
      node.leader || '-',
    ]),
  )
  return rows.length === 0 ? '' : table(['OWNER', 'NODE', 'ASSIGNED', 'RUNNING', 'LEADER'], rows)
}

function nodesTable(nodes: readonly NodeStatus__Output[]): string {
  if (nodes.length === 0) return ''
  return table(
    [
      'NODE',
      'STREAM',
      'SINCE',
      'WANTED',
      'SENT',
      'APPLIED',
      'HEALTH',
      'AGENT',
      'HAPROXY',
      'CERTIFICATE ENDS',
    ],
    nodes.map((node) => [
      node.node,
      streamText(node),
      isoTime(node.sinceMs),
      String(node.wantedVersion),
      String(node.sentVersion),
      String(node.appliedVersion),
      healthText(node),
      node.agentVersion || '-',
      node.haproxyVersion || '-',
      isoTime(node.certificateNotAfterMs).slice(0, 10),
    ]),
  )
}

/** What reloads have left behind, for nodes that tell. */
function oldWorkersTable(nodes: readonly NodeStatus__Output[]): string {
  const rows = nodes
    .filter(({ oldWorkers, lastReload }) => oldWorkers.length > 0 || lastReload !== null)
    .map(({ node, oldWorkers, lastReload }) => [
      node,
      isoTime(lastReload?.atMs ?? 0),
      reasonsText(lastReload?.reasons ?? []),
      String(oldWorkers.length),
      String(oldWorkers.reduce((sum, { sessions }) => sum + sessions, 0)),
      ageText(Math.max(0, ...oldWorkers.map(({ oldForS }) => oldForS))),
    ])
  const heads = ['NODE', 'RELOADED', 'WHY', 'OLD WORKERS', 'THEIR SESSIONS', 'OLDEST']
  return rows.length === 0 ? '' : table(heads, rows)
}

/** As many as fit into a column; "pgsvc status --json" has them all. */
function reasonsText(reasons: readonly string[]): string {
  const more = reasons.length - reasonsShown
  const shown = reasons.slice(0, reasonsShown).join(', ') || '-'
  return more > 0 ? `${shown} and ${more} more` : shown
}

const reasonsShown = 2

/** Whole units, the largest that fits. */
function ageText(seconds: number): string {
  if (seconds === 0) return '-'
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`
}

function streamText({ connected, relayed }: NodeStatus__Output): string {
  if (!connected) return 'offline'
  return relayed ? 'over SSH' : 'connected'
}

function healthText(node: NodeStatus__Output): string {
  if (!node.connected) return 'unknown'
  return node.healthy ? 'healthy' : 'unhealthy'
}

function revisionText(revision: number): string {
  return revision === 0 ? '-' : `@${revision}`
}

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** `two nodes at @7, one at @6`: newest first. */
export function assignedText(nodes: readonly OwnerNodeStatus__Output[]): string {
  const counts = new Map<number, number>()
  for (const { assigned } of nodes) counts.set(assigned, (counts.get(assigned) ?? 0) + 1)
  const parts = [...counts]
    .sort(([a], [b]) => b - a)
    .map(([revision, count], index) => {
      const noun = index > 0 ? '' : count === 1 ? ' node' : ' nodes'
      const place = revision === 0 ? 'being removed' : `at @${revision}`
      return `${numbers[count] ?? count}${noun} ${place}`
    })
  return parts.length === 0 ? 'no node' : parts.join(', ')
}

/** One sentence for each thing that is not as it should be. */
export function statusTroubles(status: StatusResponse__Output): readonly string[] {
  return [
    ...status.owners.flatMap(ownerTroubles),
    ...status.nodes.flatMap(nodeTroubles),
    ...etcdTroubles(status.etcd),
    ...status.problems,
  ]
}

function ownerTroubles(owner: OwnerStatus__Output): readonly string[] {
  return owner.nodes.flatMap((node) => {
    const where = `${owner.owner} on ${node.node}`
    if (node.assigned === 0) return [`${where}: its files are still there, though removed`]
    if (node.running === 0) return [`${where}: @${node.assigned} is assigned, nothing of it runs`]
    if (node.running !== node.assigned)
      return [`${where}: @${node.assigned} is assigned, @${node.running} runs`]
    const wanted = node.wantedLeader || owner.leader
    if (node.leader !== wanted) {
      return [
        `${where}: the variant of ${wanted || 'no leader'} is to run, that of ${node.leader || 'no leader'} does`,
      ]
    }
    return []
  })
}

function nodeTroubles(node: NodeStatus__Output): readonly string[] {
  const troubles: string[] = []
  if (!node.connected)
    troubles.push(
      [
        `${node.node}: offline${node.sinceMs > 0 ? ` since ${isoTime(node.sinceMs)}` : ', never seen'}`,
        ...node.problems.filter((problem) => problem.includes('certificate')),
      ].join('; '),
    )
  if (node.fault) troubles.push(`${node.node}: ${faultText(node.fault)}`)
  if (node.parked)
    troubles.push(
      `${node.node}: version ${node.sentVersion} failed and is not sent again; the agent tries by itself when the cause was on the node, else mend it and publish again`,
    )
  troubles.push(...node.quarantined.map((one) => `${node.node}: ${quarantineText(one)}`))
  if (!node.connected) return troubles
  if (node.wantedVersion !== node.appliedVersion && !node.parked) {
    troubles.push(`${node.node}: version ${node.wantedVersion} is wanted, ${node.appliedVersion} is applied`)
  }
  const isTold = node.problems.length === 0 && node.quarantined.length > 0
  if (!node.healthy && !isTold) troubles.push(`${node.node}: ${node.problems.join('; ') || 'not healthy'}`)
  return troubles
}

function quarantineText({ owner, revision, keptRevision, fault }: QuarantinedOwner__Output): string {
  const kept = keptRevision === 0 ? 'nothing of it is there' : `@${keptRevision} runs on`
  return `${owner}@${revision} is in quarantine, ${kept}${fault ? `: ${faultText(fault)}` : ''}`
}
