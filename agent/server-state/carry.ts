/**
 * Which states the servers of a new configuration start with. Pure.
 *
 * A state file overrides the configuration it is loaded with: port, weight, maintenance, health. So no row is
 * handed over as HAProxy dumped it.
 */
import { type Carried, knownServers } from './known.ts'
import { newRow } from './new-row.ts'
import { type Answer, type Probe, probeKey } from './probe.ts'
import type { NewRow } from './rows.ts'
import { questionsOf, startsOf } from './start-as.ts'

/** Whom to ask: servers whose health nobody knows. Each question once. */
export function openQuestions(carried: Carried): readonly Probe[] {
  const probes = knownServers(carried).flatMap(questionsOf)
  return [...new Map(probes.map((probe) => [probeKey(probe), probe])).values()]
}

/**
 * @param answers - by `probeKey`
 * @returns rows by file name
 */
export function carryOver(
  carried: Carried,
  answers: ReadonlyMap<string, Answer>,
): ReadonlyMap<string, readonly NewRow[]> {
  const files = new Map<string, NewRow[]>(carried.next.map(({ file }) => [file, []]))
  for (const servers of knownServers(carried)) {
    const starts = startsOf(servers, (probe) => answers.get(probeKey(probe)))
    for (const [index, known] of servers.entries()) {
      const startAs = starts[index]
      const row = startAs && newRow(known, startAs)
      if (row) files.get(known.section.file)?.push(row)
    }
  }
  return files
}
