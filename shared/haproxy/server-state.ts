/**
 * Where HAProxy finds, at a start or reload, the servers' states that we hand over to it.
 *
 * One file per section: HAProxy reads the whole of the named file for every section, and prints a warning for
 * each row of another one (seen on 2.6.12). Source: HAProxy 2.6 manual, `load-server-state-from-file`.
 */

/** The agent puts a directory in place for the moment of a reload or start; otherwise nothing is here. */
export const serverStateDir = '/run/pgsvc/server-state'

/** What a section's name may be made of to be a file's name as well. */
const fileName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/

/** The lines that make HAProxy load a section's states; none for a name that is no file name. */
export function serverStateLines(section: string): readonly string[] {
  if (!fileName.test(section)) return []
  return ['load-server-state-from-file local', `server-state-file-name ${serverStateDir}/${section}`]
}

/** Do not connect again to a server that refused: see docs/differences.md. */
export const noRetries = 'retries 0'

/**
 * Whether a line, in canonical form, is one that we add to Pigsty's and that need not be in force before the next
 * reload. Other values of the same directives are somebody's choice, and are not meant.
 */
export function canWaitForReload(line: string): boolean {
  return (
    line === noRetries ||
    line === 'load-server-state-from-file local' ||
    line.startsWith(`server-state-file-name ${serverStateDir}/`)
  )
}
