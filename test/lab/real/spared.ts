/** Whom agents send no reads to for a while. */
import { readFile } from 'node:fs/promises'
import { waitFor } from '../process.ts'
import type { RealSystem } from './real-system.ts'

/** As far as it matters here, of what agents owe HAProxy. */
interface Debt {
  readonly section: string
  readonly what: string
}

/**
 * Waits until the member that led before gets reads again, on every node: 16 s after it gave up. In a cluster of two reads
 * are on the leader until then, and if that stops, or the agent dies that is to put it back, they fail
 * (docs/reliability.md).
 */
export async function nobodyIsSpared(
  { lab, agents }: Pick<RealSystem, 'lab' | 'agents'>,
  cluster: string,
): Promise<void> {
  const isSparing = async (node: string) => {
    const text = await readFile(lab.host(node).file('/var/lib/pgsvc/agent/owed.json'), 'utf8').catch(
      () => '[]',
    )
    const debts: readonly Debt[] = JSON.parse(text)
    return debts.some(({ section, what }) => what === 'weight' && section.startsWith(`${cluster}-`))
  }
  await waitFor(
    `agents to send reads to every replica of ${cluster}`,
    async () => !(await Promise.all([...agents.keys()].map(isSparing))).includes(true) || undefined,
    { timeoutMs: 60_000, everyMs: 100 },
  )
}
