/**
 * Ends sessions of an old worker one by one, through the master: an old worker refuses every other way
 * (`set server`, `shutdown sessions server`: `Proxy is disabled.`, seen on 2.6, 3.0 and 3.4).
 */
import { type Cli, isReset } from '../haproxy/cli.ts'
import { isSession, parseShowSess, type SessionRow } from '../haproxy/show-sess.ts'
import type { StrandedServer } from './stranded.ts'

const askMs = 2_000
/** Between two looks at the servers: one of them may be up again. */
const maxAtOnce = 500

/** @returns the sessions that were ended, at most some hundreds; those that are left are for the next look */
export async function endSessions(
  cli: Cli,
  masterSocket: string,
  pid: number,
  stranded: readonly StrandedServer[],
): Promise<readonly SessionRow[]> {
  const ask = (command: string) => cli.ask(masterSocket, `@!${pid} ${command}`, askMs).catch(gone)
  const servers = new Set(stranded.map(({ section, server }) => `${section}/${server}`))
  const sessions = parseShowSess(await ask('show sess'))
    .filter(({ section, server }) => servers.has(`${section}/${server}`))
    .slice(0, maxAtOnce)
  const ended: SessionRow[] = []
  for (const session of sessions) {
    // Its id is a pointer, which may belong to another session by now.
    if (!isSession(await ask(`show sess ${session.id}`), session)) continue
    await ask(`shutdown session ${session.id}`)
    ended.push(session)
  }
  return ended
}

/** With its last session an old worker ends, maybe before it has answered. */
function gone(error: unknown): string {
  if (isReset(error)) return ''
  throw error
}
