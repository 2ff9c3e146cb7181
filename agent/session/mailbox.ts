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

export interface Mailbox {
  /**
   * @returns the snapshot that waited and will not be worked on any more. Its blobs have gone into the newer
   *   one, since the controller does not send a content twice.
   */
  put(order: Order): SnapshotOrder | undefined
  /** The next order, removed. */
  take(): Order | undefined
  clear(): void
  isEmpty(): boolean
}

export function createMailbox(): Mailbox {
  let waiting: readonly Order[] = []
  return {
    put(order) {
      const old = order.kind === 'snapshot' ? waiting.find(isSnapshot) : undefined
      waiting = [...waiting.filter((other) => other !== old), old ? replaced(old, order) : order]
      return old
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

function replaced(old: SnapshotOrder, order: Order): Order {
  return order.kind === 'snapshot' ? { ...order, blobs: new Map([...old.blobs, ...order.blobs]) } : order
}

function isSnapshot(order: Order): order is SnapshotOrder {
  return order.kind === 'snapshot'
}
