/** Passes hints on to the connected nodes that are assigned the owner. */
import type { LeaderHint } from '../../shared/model/leader.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Store } from '../store/store.ts'
import { createHintDamper } from './hint-damper.ts'
import type { LeaderNodes } from './leader-nodes.ts'

export interface HintRelay {
  /** @param except - the node that said it */
  pass(hint: LeaderHint, except?: string): Promise<void>
}

export function createHintRelay(
  store: Pick<Store, 'assignments'>,
  nodes: LeaderNodes,
  clock: Pick<Clock, 'monotonic'>,
): HintRelay {
  const damper = createHintDamper()
  return {
    pass: async (hint, except) => {
      if (!damper.passes(hint, clock.monotonic())) return
      const connected = new Set(nodes.connected())
      for (const { node } of await store.assignments({ owner: hint.owner })) {
        if (node !== except && connected.has(node)) nodes.hint(node, hint)
      }
    },
  }
}
