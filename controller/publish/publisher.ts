/** The acts on what nodes are assigned: publish, rollback, remove, forget. One at a time, up to its commit point. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Catalogue } from './catalogue.ts'
import type { Proposal } from './change.ts'
import type { Emit } from './events.ts'
import { type ForgetOptions, type ForgottenNode, forgetNodes } from './forget-nodes.ts'
import { createMutex } from './mutex.ts'
import { type PublishWish, proposePublish } from './propose-publish.ts'
import { proposeRemoval, proposeRollback } from './propose-return.ts'
import type { PublishOptions, PublishPorts } from './publish-ports.ts'
import { runPublish } from './run-publish.ts'

/** What a caller chooses; the rest is the controller's configuration. */
export type PublisherOptions = Omit<PublishOptions, 'timeoutMs' | 'leaseMs'> & {
  /** Milliseconds to wait for nodes in each phase; absent for the controller's default. */
  readonly timeoutMs?: number | undefined
}

/** Each act but `forget` emits its events, the last of them `result`. Aborted before the commit, nothing has changed. */
export interface Publisher {
  publish(wish: PublishWish, options: PublisherOptions, emit: Emit, signal: AbortSignal): Promise<void>
  /** @param revision - 0 for the one before the newest assigned */
  rollback(
    owner: Owner,
    revision: number,
    options: PublisherOptions,
    emit: Emit,
    signal: AbortSignal,
  ): Promise<void>
  /** @param nodes - only these; empty for all */
  remove(
    owner: Owner,
    nodes: readonly string[],
    options: PublisherOptions,
    emit: Emit,
    signal: AbortSignal,
  ): Promise<void>
  /** @throws AppError as `forgetNodes`, and `CANCELLED` when the controller stops */
  forget(nodes: readonly string[], options: ForgetOptions): Promise<readonly ForgottenNode[]>
  /**
   * Gives up every act that has not passed its commit; resolves when the others have come to their end. To be
   * called before streams are closed: nodes that go away then would look offline and be committed for.
   */
  stop(): Promise<void>
}

export function createPublisher(
  ports: PublishPorts,
  catalogue: Catalogue,
  defaults: { readonly timeoutMs: number; readonly leaseMs: number },
): Publisher {
  const mutex = createMutex()
  const stopping = new AbortController()
  const acts = new Set<Promise<void>>()
  const act = async (
    propose: () => Promise<Proposal>,
    options: PublisherOptions,
    emit: Emit,
    signal: AbortSignal,
  ) => {
    const how = { ...options, timeoutMs: options.timeoutMs ?? defaults.timeoutMs, leaseMs: defaults.leaseMs }
    const result = await runPublish(
      ports,
      mutex,
      propose,
      how,
      emit,
      AbortSignal.any([signal, stopping.signal]),
    )
    emit({ kind: 'result', result })
  }
  const run = (...how: Parameters<typeof act>) => {
    const running = act(...how).finally(() => acts.delete(running))
    acts.add(running)
    return running
  }
  return {
    publish: (wish, ...rest) => run(() => proposePublish(ports.store, catalogue, wish), ...rest),
    rollback: (owner, revision, ...rest) => run(() => proposeRollback(ports.store, owner, revision), ...rest),
    remove: (owner, nodes, ...rest) => run(() => proposeRemoval(ports.store, owner, nodes), ...rest),
    forget: async (nodes, options) => {
      const release = await mutex.acquire(stopping.signal)
      if (!release) throw new AppError('CANCELLED', 'the controller is stopping; nothing was forgotten')
      try {
        return await forgetNodes(ports, nodes, options)
      } finally {
        release()
      }
    },
    stop: async () => {
      stopping.abort()
      await Promise.allSettled(acts)
    },
  }
}
