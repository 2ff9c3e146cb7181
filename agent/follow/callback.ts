/**
 * A callback of Patroni, as the line `<event> <role> <scope>`. Pure.
 *
 * Source: Patroni documentation, "callbacks" (on_role_change, on_start, on_stop, on_restart, on_reload).
 */

/** A callback of Patroni. */
export interface Callback {
  readonly event: string
  readonly role: string
  readonly scope: string
}

const events: ReadonlySet<string> = new Set([
  'on_role_change',
  'on_start',
  'on_stop',
  'on_restart',
  'on_reload',
])
const word = /^[A-Za-z0-9_.-]{1,128}$/

/** @returns undefined for a line that is no callback. Pure. */
export function parseCallback(line: string): Callback | undefined {
  const [event = '', role = '', scope = '', ...rest] = line.trim().split(/\s+/)
  const isGood = rest.length === 0 && events.has(event) && word.test(role) && word.test(scope)
  return isGood ? { event, role, scope } : undefined
}

/** Whether the member leads after the callback, by its own word. Pure. */
export function leadsAfter({ event, role }: Callback): boolean {
  const isLeader = role === 'master' || role === 'primary' || role === 'standby_leader'
  return isLeader && event !== 'on_stop'
}
