/**
 * When a process started, from /proc. Source: proc(5), `starttime` in /proc/<pid>/stat and /proc/uptime.
 */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'

/** `starttime` counts in hundredths of a second on Linux, and so does the uptime. */
const tickMs = 10
/** In some containers the uptime is the container's, the start times are the host's. */
const maxSkewMs = 1_000

/**
 * @returns milliseconds since 1970, never too late; undefined when it cannot be known
 */
export async function processStartMs(
  { files, clock }: { readonly files: Files; readonly clock: Clock },
  pid: number,
): Promise<number | undefined> {
  const nowMs = clock.now()
  const upMs = Number.parseFloat(await readQuietly(files, '/proc/uptime')) * 1_000
  const ownAgeMs = upMs - ((await startTicks(files, 'self')) ?? Number.NaN) * tickMs
  const ageMs = upMs - ((await startTicks(files, String(pid))) ?? Number.NaN) * tickMs
  if (!(Math.abs(ownAgeMs - process.uptime() * 1_000) < maxSkewMs) || !(ageMs >= 0)) return undefined
  return nowMs - ageMs - 2 * tickMs
}

async function startTicks(files: Files, pid: string): Promise<number | undefined> {
  const text = await readQuietly(files, `/proc/${pid}/stat`)
  // The program's name, in brackets, may hold blanks; `starttime` is the 20th field after it.
  const ticks = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isFinite(ticks) && text !== '' ? ticks : undefined
}

async function readQuietly(files: Files, path: string): Promise<string> {
  return await files
    .read(path)
    .then((content) => String(content ?? ''))
    .catch(() => '')
}
