/**
 * The lines that pgsvc adds to Pigsty's. Each has its reason and measurement in docs/differences.md, and
 * `pgsvc render --strict` leaves it out.
 */
import { noRetries, serverStateLines } from '../../shared/haproxy/server-state.ts'
import type { Listen } from './listen.ts'

/** A worker that a reload starts takes over what is known of the servers, where anything is checked at all. */
export function withServerStates(listen: Listen): Listen {
  const isChecked = listen.servers.some((server) => /(^| )check( |$)/.test(server))
  const isChosen = listen.options.some((line) => /server-state/.test(line))
  if (!isChecked || isChosen) return listen
  return { ...listen, options: [...listen.options, ...serverStateLines(listen.name)] }
}

/** A client that was led to a closed port is told so, instead of waiting for the same port three times. */
export function withoutRetries(listen: Listen): Listen {
  return { ...listen, options: [...listen.options, noRetries] }
}
