/**
 * What a program finds when it is started as the HAProxy that runs was: its files may name others from where it works,
 * and take values from its environment (`"$NAME"`). Source: HAProxy 2.6 manual, sections 2.3 and 3.1 (`default-path`).
 */
import type { Files } from '../../shared/ports/files.ts'

export interface Surroundings {
  /** Working directory, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Where systemd starts what it is not told another directory of. */
const usual: Surroundings = { cwd: '/', env: {} }

/** A master tells these to itself when it starts anew, and systemd to it: another process must not take them for its own. */
const ofMaster =
  /^(HAPROXY_(MWORKER.*|PROCESSES|CLI|MASTER_CLI|CFGFILES|STARTUPLOGS_FD)|NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*)$/

/** @param masterPid - undefined when none runs */
export async function readSurroundings(files: Files, masterPid: number | undefined): Promise<Surroundings> {
  if (masterPid === undefined) return usual
  const cwd = await files.readLink(`/proc/${masterPid}/cwd`).catch(() => usual.cwd)
  // One that was removed since has ` (deleted)` at its end.
  const isThere = (await files.list(cwd).catch(() => undefined)) !== undefined
  const text = await files.read(`/proc/${masterPid}/environ`).catch(() => undefined)
  return { cwd: isThere ? cwd : usual.cwd, env: parseEnvironment(text?.toString('utf8') ?? '') }
}

/** As in /proc/<pid>/environ. Pure. */
export function parseEnvironment(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\0').flatMap((entry) => {
    const at = entry.indexOf('=')
    return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : []
  })
  return Object.fromEntries(pairs.filter(([name]) => !ofMaster.test(name)))
}
