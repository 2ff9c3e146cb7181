/**
 * Keeps a file that node_exporter's textfile collector reads: it must never be seen half-written, and its name
 * must end in `.prom`. Every Pigsty node runs node_exporter, so no port has to be opened for the agent.
 */
import { dirname } from 'node:path'
import { type Files, temporaryName } from '../../shared/ports/files.ts'

export async function writeMetrics(
  files: Pick<Files, 'makeDir' | 'write' | 'rename'>,
  path: string,
  text: string,
): Promise<void> {
  await files.makeDir(dirname(path))
  const temporary = temporaryName(path)
  await files.write(temporary, text, 0o644)
  await files.rename(temporary, path)
}
