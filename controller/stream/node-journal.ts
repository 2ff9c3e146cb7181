/** Writes down what a node says: who it is, what it applied, what failed. */
import type { Fault, QuarantinedOwner } from '../../shared/errors/fault.ts'
import type { LeaderView } from '../../shared/model/leader.ts'
import { quarantinedFromWire } from '../../shared/rpc/convert.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { Observation__Output } from '../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import type { Standing__Output } from '../../shared/rpc/generated/pgsvc/v1/Standing.ts'
import type { NewEvent } from '../events/event.ts'
import type { NodeRecord } from '../store/store.ts'
import { appliedVersionOf, helloAgrees } from './hello-agrees.ts'
import { ownWord, runningAtHello, type Told } from './own-word.ts'
import { failedWith } from './send-decision.ts'
import type { SessionPorts } from './session-ports.ts'
import { appliedFromWire } from './wire-answer.ts'

export interface NodeJournal {
  /** @returns the version that the agent has, when that is what it was assigned */
  greeted(): Promise<number | undefined>
  sent(version: number): Promise<void>
  applied(version: number, ack: Ack__Output): Promise<void>
  /** From now on the version is parked, until it or the agent changes. */
  failed(version: number, fault: Fault, nack: Nack__Output): Promise<void>
  /** The node said which variants run. */
  seesLeaders(views: readonly LeaderView[]): Promise<void>
  /**
   * What the agent has now: of its own accord it may have taken what it could not take before.
   *
   * @param observed - HAProxy at the same moment
   */
  stands(standing: Standing__Output, observed: Pick<Observation__Output, 'servingApplied'>): Promise<void>
}

export function createNodeJournal(
  {
    store,
    clock,
    log,
    quota,
    distrust,
  }: Pick<SessionPorts, 'store' | 'clock' | 'log' | 'quota' | 'distrust'>,
  node: string,
  hello: Hello__Output,
): NodeJournal {
  const { bootId, agentVersion, haproxyVersion } = hello
  const tell = async (events: readonly NewEvent[]) => {
    const kept = events.filter(({ kind }) => quota.passes(node, kind))
    if (kept.length > 0) await store.addEvents(kept)
  }
  const own = async (told: Told) => {
    const word = await ownWord(store, node, told)
    const [owner] = word.strangers
    if (owner !== undefined) distrust(node, `it speaks of ${owner}, which is none of its own`)
    return word
  }
  const tellQuarantine = async (
    { quarantined: before }: NodeRecord,
    now: readonly QuarantinedOwner[],
    atMs: number,
  ) => {
    const news = now.filter((one) => !before.some((known) => isSame(known, one)))
    await tell(news.map((one) => quarantineEvent(node, one, atMs)))
  }
  return {
    greeted: async () => {
      const record = await store.node(node)
      // Which owners are kept depends on what runs, so that is written down first.
      await store.recordNode(node, {
        agentVersion,
        haproxyVersion,
        applied: appliedFromWire(runningAtHello(hello.applied)),
        lastSeenMs: clock.now(),
        // An agent that knows of no failure, and is not the one that failed, has applied something since.
        ...(hello.failedVersion === 0 && !failedWith(record, hello) ? { failed: null } : {}),
      })
      const snapshot = await store.snapshot(node)
      const agrees = helloAgrees(hello, snapshot)
      await store.recordNode(node, {
        appliedVersion: appliedVersionOf(hello, snapshot, record.appliedVersion),
        ...(agrees ? { failed: null, quarantined: [] } : {}),
      })
      if (!agrees) return undefined
      await store.settle(node, snapshot.version)
      return snapshot.version
    },
    sent: (version) => store.recordNode(node, { sentVersion: version }),
    applied: async (version, ack) => {
      const record = await store.node(node)
      const quarantined = quarantinedFromWire(ack.quarantined)
      for (const one of quarantined) log.warn({ node, version, ...one }, 'owner in quarantine')
      const atMs = clock.now()
      await store.recordNode(node, {
        appliedVersion: version,
        applied: appliedFromWire(ack.applied),
        sentVersion: version,
        failed: null,
        quarantined,
        lastSeenMs: atMs,
      })
      await tellQuarantine(record, quarantined, atMs)
      // In place, but nobody serves it: for the operator that is no success.
      if (ack.change !== 'CHANGE_NOT_RUNNING') {
        await store.settle(
          node,
          version,
          quarantined.map(({ owner }) => owner),
        )
      }
    },
    stands: async ({ appliedVersion, failedVersion, ...told }, { servingApplied }) => {
      const record = await store.node(node)
      if (failedVersion !== 0 || appliedVersion === 0 || appliedVersion !== record.version) return
      const standing = await own(told)
      const quarantined = quarantinedFromWire(standing.quarantined)
      if (!hasMoved(record, quarantined)) return
      log.info(
        { node, version: appliedVersion, quarantined },
        'the node has something else than it answered last',
      )
      await store.recordNode(node, {
        appliedVersion,
        applied: appliedFromWire(standing.applied),
        failed: null,
        quarantined,
        lastSeenMs: clock.now(),
      })
      await tellQuarantine(record, quarantined, clock.now())
      const left = quarantined.map(({ owner }) => owner)
      if (servingApplied) await store.settle(node, appliedVersion, left)
    },
    failed: async (version, fault, nack) => {
      log.warn({ node, version, fault }, 'node refused its snapshot')
      await store.recordNode(node, {
        applied: appliedFromWire(nack.applied),
        failed: { version, fault, bootId, agentVersion, haproxyVersion },
        sentVersion: version,
        lastSeenMs: clock.now(),
      })
      await tell([refusedEvent(node, version, fault, clock.now())])
    },
    seesLeaders: async (views) => {
      const said = views.filter(({ running }) => running !== '')
      const running = new Map(said.map((view) => [view.owner, view.running]))
      const { applied } = await store.node(node)
      const isNews = applied.some(({ owner, leader }) => (running.get(owner) ?? leader) !== leader)
      if (isNews) await store.recordNode(node, { running })
    },
  }
}

/** In quarantine already, and for the same reason. */
function isSame(one: QuarantinedOwner, other: QuarantinedOwner): boolean {
  return one.owner === other.owner && one.revision === other.revision && one.fault.code === other.fault.code
}

function quarantineEvent(
  node: string,
  { owner, revision, keptRevision, fault }: QuarantinedOwner,
  atMs: number,
): NewEvent {
  const kept = keptRevision === 0 ? 'nothing of it is there' : `@${keptRevision} runs on`
  const message = `@${revision} is in quarantine, ${kept}: ${fault.code}: ${fault.message}`
  return { atMs, kind: 'quarantined', owner, node, message }
}

function refusedEvent(node: string, version: number, fault: Fault, atMs: number): NewEvent {
  const message = `version ${version} was refused: ${fault.code}: ${fault.message}`
  return { atMs, kind: 'refused', owner: fault.owner, node, message }
}

/** The record says of the same version that it failed, or left out other owners or for other reasons. */
function hasMoved(record: NodeRecord, quarantined: readonly QuarantinedOwner[]): boolean {
  const told = (owners: readonly QuarantinedOwner[]) =>
    JSON.stringify(owners.map(({ owner, fault }) => `${owner} ${fault.code} ${fault.message}`).sort())
  const isHeld = record.appliedVersion === record.version && record.failed === undefined
  return !isHeld || told(record.quarantined) !== told(quarantined)
}
