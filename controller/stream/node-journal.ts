/** Writes down what a node says: who it is, what it applied, what failed. */
import type { Fault } from '../../shared/errors/fault.ts'
import { quarantinedFromWire } from '../../shared/rpc/convert.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import { appliedVersionOf, helloAgrees } from './hello-agrees.ts'
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
}

export function createNodeJournal(
  { store, clock, log }: Pick<SessionPorts, 'store' | 'clock' | 'log'>,
  node: string,
  hello: Hello__Output,
): NodeJournal {
  const { bootId, agentVersion, haproxyVersion } = hello
  return {
    greeted: async () => {
      const record = await store.node(node)
      // Which owners are kept depends on what runs, so that is written down first.
      await store.recordNode(node, {
        agentVersion,
        haproxyVersion,
        applied: appliedFromWire(hello.applied),
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
      const quarantined = quarantinedFromWire(ack.quarantined)
      for (const one of quarantined) log.warn({ node, version, ...one }, 'owner in quarantine')
      await store.recordNode(node, {
        appliedVersion: version,
        applied: appliedFromWire(ack.applied),
        sentVersion: version,
        failed: null,
        quarantined,
        lastSeenMs: clock.now(),
      })
      // In place, but nobody serves it: for the operator that is no success.
      if (ack.change !== 'CHANGE_NOT_RUNNING') {
        await store.settle(
          node,
          version,
          quarantined.map(({ owner }) => owner),
        )
      }
    },
    failed: async (version, fault, nack) => {
      log.warn({ node, version, fault }, 'node refused its snapshot')
      await store.recordNode(node, {
        applied: appliedFromWire(nack.applied),
        failed: { version, fault, bootId, agentVersion, haproxyVersion },
        sentVersion: version,
        lastSeenMs: clock.now(),
      })
    },
  }
}
