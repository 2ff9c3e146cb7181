/** Looks for a node's agent by asking the controller, which may be away for a moment. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../shared/errors/app-error.ts'
import type { ControllerView, Presence } from './controller-view.ts'

/** One look. `away`: nobody answered, and so nothing is known. */
export type Look =
  | { readonly kind: 'answer'; readonly presence: Presence | undefined }
  | { readonly kind: 'away'; readonly error: AppError }

export type Sight =
  | { readonly kind: 'seen' }
  /** Not until the time was over; with why the last look told nothing, if it did not. */
  | { readonly kind: 'unseen'; readonly away: AppError | undefined }
  | { readonly kind: 'cancelled' }

const pollMs = 300

/** @throws AppError of a controller that is there and refuses: to wait would not change that */
export async function lookFor(controller: Pick<ControllerView, 'presence'>, node: string): Promise<Look> {
  try {
    return { kind: 'answer', presence: await controller.presence(node) }
  } catch (error) {
    const isAway =
      error instanceof AppError && ['CONTROLLER_UNREACHABLE', 'CONTROLLER_SILENT'].includes(error.code)
    if (isAway) return { kind: 'away', error }
    throw error
  }
}

/**
 * Looks until the agent is there, at least once.
 *
 * @param isIt - whether a stream that is connected is the one that is waited for
 * @throws as `lookFor`
 */
export async function watchFor(
  controller: Pick<ControllerView, 'presence'>,
  { node, waitMs, isIt }: { node: string; waitMs: number; isIt: (now: Presence) => boolean },
  signal: AbortSignal,
): Promise<Sight> {
  const endMs = performance.now() + waitMs
  for (;;) {
    const look = await lookFor(controller, node)
    if (look.kind === 'answer' && look.presence?.connected && isIt(look.presence)) return { kind: 'seen' }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return { kind: 'cancelled' }
    if (performance.now() >= endMs)
      return { kind: 'unseen', away: look.kind === 'away' ? look.error : undefined }
  }
}
