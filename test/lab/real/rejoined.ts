/** Members that led when something befell them, and are back: until all of their cluster stream. */
import { killPrograms } from '../faults.ts'
import { leaders, settled, streamingFrom } from './cluster.ts'
import { startPatroni } from './member.ts'
import { DATA_DIRECTORY } from './patroni-config.ts'
import type { RealSystem } from './real-system.ts'

const usualMs = 40_000

/**
 * One that led when it was killed may have what nobody else has, and Patroni 3.0 does not see that when the next leader had
 * not got its timeline and began one of the same number: it calls such a one running, it never streams, and were it elected,
 * all that was written meanwhile would be gone. An operator makes it anew. Not by `patronictl reinit`: with Pigsty's
 * `clonefrom` that may copy another one that is as bad.
 *
 * @param returned - names of the members that may be such
 */
export async function rejoined(
  system: RealSystem,
  cluster: string,
  returned: readonly string[],
): Promise<void> {
  const members = system.cluster(cluster)
  const isWell = await settled(system.probe, members, usualMs).catch(() => undefined)
  if (isWell !== undefined) return
  const [leader] = await leaders(system.probe, members)
  const address = members.find(({ name }) => name === leader)?.address
  const well = address === undefined ? [] : await streamingFrom(system.probe, address)
  const sick = returned.filter((name) => name !== leader && !well.includes(name))
  for (const name of sick) {
    await killPrograms(system.lab.host(name), 'patroni', 'postgres')
    await system.lab.host(name).must(['rm', '-rf', DATA_DIRECTORY])
  }
  for (const name of sick) system.patroni.set(name, await startPatroni(system.lab.host(name)))
  await settled(system.probe, members)
}
