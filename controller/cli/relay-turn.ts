/**
 * Two `pgsql-svc --ssh` for the same nodes: the later one waits until the streams that the other carries are over.
 *
 * It holds none of its own meanwhile: two that each had one node and waited for the other's would wait for ever.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Clock } from '../../shared/ports/clock.ts'

export interface TurnPorts {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>
  /** From 0 to below 1. */
  readonly random: () => number
  /** Nodes whose stream an operator's command carries now. */
  readonly relayed: () => Promise<ReadonlySet<string>>
  readonly say: (node: string, text: string) => void
}

/** What became of a node. */
export type Joined<T> =
  | { readonly node: string; readonly bridge: T }
  | { readonly node: string; readonly error: AppError }

/** A publish does not take longer, but for one that waits at a prompt. */
const turnMs = 120_000
const lookMs = 500
/** What joining ends with when another command has come first. Source: agent/once.ts, controller/stream/relay.ts. */
const taken = 'RELAY_BUSY'

/**
 * Joins nodes when no other command has any of them.
 *
 * @param join - joins these
 * @param signal - gives up
 * @returns one for each node, in their order; `RELAY_BUSY` for those that the other has kept for too long
 */
export async function joinInTurn<T extends { close(): Promise<void> }>(
  nodes: readonly string[],
  join: (nodes: readonly string[]) => Promise<readonly Joined<T>[]>,
  ports: TurnPorts,
  signal: AbortSignal,
): Promise<readonly Joined<T>[]> {
  const { clock } = ports
  const untilMs = clock.monotonic() + turnMs
  const told = new Set<string>()
  const tell = (node: string) => {
    if (!told.has(node)) ports.say(node, 'another pgsql-svc --ssh is at work there; waiting for its end')
    told.add(node)
  }
  for (;;) {
    const busy = await untilFree(nodes, { ...ports, tell }, untilMs, signal)
    const joined = await join(nodes.filter((node) => !busy.has(node)))
    const lost = joined.filter((one) => 'error' in one && one.error.code === taken)
    if (lost.length > 0 && !signal.aborted && clock.monotonic() < untilMs) {
      for (const { node } of lost) tell(node)
      await Promise.all(joined.map((one) => 'bridge' in one && one.bridge.close()))
      // Two that began at the same time must not meet again and again.
      await clock.sleep((1 + ports.random()) * lookMs, signal)
      continue
    }
    return nodes.map((node) => joined.find((one) => one.node === node) ?? { node, error: busyError(node) })
  }
}

/** @returns those that are not free when the time is over; none when given up, which `join` then finds by itself */
async function untilFree(
  nodes: readonly string[],
  { clock, relayed, tell }: TurnPorts & { readonly tell: (node: string) => void },
  untilMs: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  for (;;) {
    const others = await relayed()
    const busy = new Set(nodes.filter((node) => others.has(node)))
    if (signal.aborted) return new Set()
    if (busy.size === 0 || clock.monotonic() > untilMs) return busy
    for (const node of busy) tell(node)
    await clock.sleep(lookMs, signal)
  }
}

function busyError(node: string): AppError {
  const text = `another pgsql-svc --ssh has not ended on ${node} for ${turnMs / 1_000} s`
  return new AppError(taken, text, {
    hint: 'see who runs it (pgsvc audit), end it, and publish again',
  })
}
