/**
 * Whether the agent may no longer write where it was allowed to. What a unit opens by `ReadWritePaths` is bound when the
 * agent starts; a directory that came later, or was made anew, is read-only to it however often it tries, and not to
 * the agent that is started next. Source: systemd.exec(5), ReadWritePaths=.
 */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { Clock } from '../shared/ports/clock.ts'

export interface ViewPorts {
  readonly clock: Pick<Clock, 'sleep'>
  /** By the file system it is on; false for a directory that is not there. */
  readonly isReadOnly: (dir: string) => Promise<boolean>
}

const lookEveryMs = 5_000

/**
 * @param dir - one that the agent writes to
 * @returns true as soon as it has become read-only, or has come and is; false when `signal` aborts before. A file system
 *   that was read-only at the start is so for whoever starts next: false
 */
export async function hasViewGoneStale(
  { clock, isReadOnly }: ViewPorts,
  dir: string,
  signal: AbortSignal,
): Promise<boolean> {
  const isHopeless = await isReadOnly(dir)
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal)
    if (!isHopeless && !signal.aborted && (await isReadOnly(dir))) return true
  }
  return false
}

export async function isOnReadOnly(dir: string): Promise<boolean> {
  try {
    await access(dir, constants.W_OK)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EROFS'
  }
}
