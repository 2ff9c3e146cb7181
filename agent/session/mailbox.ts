/**
 * Orders that wait while the agent is busy. Latest wins: a newer snapshot takes the place of one that waits,
 * so that a node that was slow never works through old states of the world. Pure.
 */
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'

export type Order =
  | { readonly kind: 'snapshot'; readonly nonce: string; readonly snapshot: Snapshot; readonly blobs: Blobs }
  | {
      readonly kind: 'prepare'
      readonly nonce: string
      readonly publishId: string
      readonly snapshot: Snapshot
      readonly blobs: Blobs
      readonly leaseMs: number
      readonly dryRun: boolean
    }
  | { readonly kind: 'commit'; readonly nonce: string; readonly publishId: string; readonly version: number }
  | { readonly kind: 'abort'; readonly publishId: string }

export type SnapshotOrder = Extract<Order, { kind: 'snapshot' }>

/** `urgent` goes ahead of what waits, in turn with others of its kind: clients wait for a leader. */
export type Urgency = 'usual' | 'urgent'

export interface TakenOrder {
  readonly order: Order
  readonly urgency: Urgency
}

export interface Mailbox {
  /**
   * @returns the snapshot that waited and will not be worked on any more. Its blobs have gone into the newer
   *   one, since the controller does not send a content twice. A newer one is as urgent as the one it replaces.
   */
  put(order: Order, urgency?: Urgency): SnapshotOrder | undefined
  /** The next order, removed. */
  take(): TakenOrder | undefined
  clear(): void
  isEmpty(): boolean
}

export function createMailbox(): Mailbox {
  let waiting: readonly TakenOrder[] = []
  return {
    put(order, urgency = 'usual') {
      const old = order.kind === 'snapshot' ? waiting.find(isSnapshot) : undefined
      const others = waiting.filter((other) => other !== old)
      const added = old ? replaced(old, { order, urgency }) : { order, urgency }
      const urgent = (one: TakenOrder) => one.urgency === 'urgent'
      const ahead = urgent(added) ? others.filter(urgent) : others
      waiting = [...ahead, added, ...others.filter((other) => !ahead.includes(other))]
      return old?.order
    },
    take() {
      const [first, ...rest] = waiting
      waiting = rest
      return first
    },
    clear() {
      waiting = []
    },
    isEmpty: () => waiting.length === 0,
  }
}

interface TakenSnapshot extends TakenOrder {
  readonly order: SnapshotOrder
}

function replaced(old: TakenSnapshot, { order, urgency }: TakenOrder): TakenOrder {
  if (order.kind !== 'snapshot') return { order, urgency }
  const blobs = new Map([...old.order.blobs, ...order.blobs])
  return { order: { ...order, blobs }, urgency: old.urgency === 'urgent' ? 'urgent' : urgency }
}

function isSnapshot(taken: TakenOrder): taken is TakenSnapshot {
  return taken.order.kind === 'snapshot'
}
