/** What was sent on a stream and is not answered yet, by nonce. */
import type { Blobs, Owner } from '../../shared/model/snapshot.ts'
import type { NodeAnswer, OnProgress } from '../publish/node-links.ts'

export interface Awaited {
  readonly kind: 'prepare' | 'commit' | 'snapshot'
  readonly version: number
  /** Contents sent along: held by the agent once it has said Ack, and not before. */
  readonly blobs: Blobs
  /** Of whom it was sent files: of these it may speak in its answer. */
  readonly owners: readonly Owner[]
  readonly onProgress: OnProgress
  readonly resolve: (answer: NodeAnswer) => void
}

export class AwaitedAnswers {
  private readonly byNonce = new Map<string, Awaited>()

  get size(): number {
    return this.byNonce.size
  }

  /** A Snapshot or Commit is among them. */
  get applying(): boolean {
    return [...this.byNonce.values()].some(({ kind }) => kind !== 'prepare')
  }

  add(nonce: string, awaited: Awaited): void {
    this.byNonce.set(nonce, awaited)
  }

  get(nonce: string): Awaited | undefined {
    return this.byNonce.get(nonce)
  }

  /** The one with this nonce, which is then no longer waited for. */
  take(nonce: string): Awaited | undefined {
    const awaited = this.byNonce.get(nonce)
    this.byNonce.delete(nonce)
    return awaited
  }

  /** Nobody waits for a Prepare any more; a late answer finds nobody. */
  forgetPrepares(): void {
    for (const [nonce, { kind }] of this.byNonce) if (kind === 'prepare') this.byNonce.delete(nonce)
  }

  /** The stream is over: no answer will come. */
  endAll(): void {
    for (const { resolve } of this.byNonce.values()) resolve({ kind: 'gone' })
    this.byNonce.clear()
  }
}
