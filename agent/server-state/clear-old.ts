/** Takes away states that were put for a start of HAProxy, or by an agent that was killed. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Cli } from '../haproxy/cli.ts'
import { answeringWorker } from '../haproxy/current-worker.ts'
import type { Located } from '../haproxy/locate.ts'
import type { StatePorts } from './carried-reload.ts'

const lookMs = 1_000
/** A HAProxy that has not come up by then does so by its unit, which takes them away itself. */
const maxLooks = 60

/**
 * To be called once, at the agent's start. Waits for a HAProxy that is just starting: a worker that answers has
 * read them. One that is only listed may not have, from 3.1 on.
 */
export async function clearOldStates(
  ports: { readonly clock: Clock; readonly cli: Cli; readonly states: StatePorts },
  locate: () => Promise<Located>,
  signal: AbortSignal,
): Promise<void> {
  const { handOver, dir } = ports.states
  const before = await handOver.current(dir)
  for (let looks = 0; before !== undefined && looks < maxLooks && !signal.aborted; looks += 1) {
    // A reload or start meanwhile puts others in their place, and takes them away.
    if ((await handOver.current(dir)) !== before) return
    if ((await answeringWorker(ports.cli, await locate())) !== undefined)
      return await handOver.clear(dir, before)
    await ports.clock.sleep(lookMs, signal)
  }
}
