/**
 * Which files the running worker has loaded as they are on disk now: those that were there, and unchanged since,
 * when HAProxy began to read. Needed where no reload of ours was seen: files that another program wrote,
 * or that were put in place while HAProxy did not run.
 *
 * A worker starts after its files were read (from HAProxy 3.1 on, before). A master that never reloaded began
 * to read after its own start. After a reload there is no such witness, so the time that reading takes is
 * taken off, generously; only name servers that do not answer can make it longer.
 */
import { join } from 'node:path'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Cli } from '../haproxy/cli.ts'
import { findWorker } from '../haproxy/current-worker.ts'
import type { Located } from '../haproxy/locate.ts'
import { processStartMs } from '../haproxy/process-start.ts'
import type { LiveDir } from './live-dir.ts'

/** Measured on 2.6: about 1000 bytes per millisecond; a slow, busy host gets four times as long. */
const readingMs = 250
const readBytesPerMs = 250

/** @returns base names of the files that the running worker has loaded as they are; those that are not known to be are left out */
export async function loadedAsOnDisk(
  ports: { readonly files: Files; readonly clock: Clock; readonly cli: Cli },
  located: Located,
  live: LiveDir,
): Promise<ReadonlySet<string>> {
  const beganMs = await readingBeganMs(ports, located, live)
  if (beganMs === undefined) return new Set()
  const isOlder = async (path: string) => {
    const stamp = await ports.files.stamp(path)
    return stamp !== undefined && stamp.changedMs < beganMs
  }
  const { kind, serviceDir } = located.layout
  // A link or directory that took another's place shows only there.
  if (kind === 'conf.d' && !(await isOlder(serviceDir))) return new Set()
  // What a link points to can change without a trace on the link.
  const plain = live.entries.filter((entry) => entry.kind === 'file' && live.loaded.has(entry.name))
  const checked = await Promise.all(
    plain.map(async ({ name }) => ((await isOlder(join(serviceDir, name))) ? [name] : [])),
  )
  return new Set(checked.flat())
}

/** No later than HAProxy began to read the files that its worker runs with; undefined when not known. */
async function readingBeganMs(
  ports: { readonly files: Files; readonly clock: Clock; readonly cli: Cli },
  located: Located,
  live: LiveDir,
): Promise<number | undefined> {
  const worker = await findWorker(ports.cli, located)
  if (worker === undefined || located.running === undefined) return undefined
  const startMs = await processStartMs(ports, worker.isFirst ? located.running.pid : worker.pid)
  if (startMs === undefined || worker.isFirst) return startMs
  const bytes = [...live.loaded.values()].reduce((sum, text) => sum + text.length, 0)
  return startMs - readingMs - bytes / readBytesPerMs
}
