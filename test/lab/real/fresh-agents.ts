/** Agents that know nothing of what happened before. */
import { restartAgent } from '../system.ts'
import type { RealSystem } from './real-system.ts'

/** They forget how often the leader has changed. */
export async function freshAgents(system: RealSystem, nodes: readonly string[]): Promise<void> {
  await Promise.all(
    nodes.map(async (name) => {
      system.agents.get(name)?.kill()
      await system.agents.get(name)?.exited
      await restartAgent(system, name)
    }),
  )
  await system.connected(nodes)
}
