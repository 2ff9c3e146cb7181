/** What the unit's drop-in runs before HAProxy starts, on a lab. */
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeStart } from '../../agent/before-start.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { optionsFor, statesFor } from './haproxy-agent.ts'
import type { HaproxyLab } from './haproxy-lab.ts'

export async function recoverLab(lab: HaproxyLab, files: Files = systemFiles()): Promise<readonly string[]> {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const { node, paths } = optionsFor(lab)
  await beforeStart(
    { files, clock: systemClock(), states: statesFor(lab), log },
    { node, paths, stateDir: join(lab.dir, 'state') },
  )
  return lines
}
