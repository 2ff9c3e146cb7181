/**
 * Servers as one worker sees them: `show stat -1 4 -1` (all proxies, servers only, all of them).
 *
 * Old workers answer it too (seen on 2.6.12), though they refuse `set server` with `Proxy is disabled.`.
 * Source: HAProxy management guide, 9.1 (CSV format) and 9.3 (`show stat`).
 */
import { splitCsv } from './csv.ts'

export const serverStatsCommand = 'show stat -1 4 -1'

export interface ServerStat {
  readonly section: string
  readonly server: string
  /** As HAProxy says it: `UP`, `UP 1/3`, `DOWN`, `MAINT`, `no check`, ... */
  readonly status: string
  /** Sessions that it has now. */
  readonly sessions: number
  /** What came of its latest check: `L7OK`, `L4CON`, ...; `INI` or `UNK` before the first; '' for no check. */
  readonly checkStatus: string
  /** address:port; '' when HAProxy does not say. */
  readonly address: string
}

/** @returns undefined when the text is no such answer. Pure. */
export function parseServerStats(text: string): readonly ServerStat[] | undefined {
  const [header = '', ...rows] = text.split('\n')
  if (!header.startsWith('# pxname,')) return undefined
  const columns = header.slice(2).split(',')
  const [section, server, status, sessions, checkStatus, address] = [
    ...['pxname', 'svname', 'status', 'scur', 'check_status', 'addr'],
  ].map((name) => columns.indexOf(name))
  const at = (fields: readonly string[], column = -1) => fields[column] ?? ''
  return rows
    .filter((row) => row.includes(','))
    .map(splitCsv)
    .map((fields) => ({
      section: at(fields, section),
      server: at(fields, server),
      status: at(fields, status),
      sessions: Number(at(fields, sessions)) || 0,
      // While the next check is under way a star stands before it.
      checkStatus: at(fields, checkStatus).replace(/^\* /, ''),
      address: at(fields, address),
    }))
}

/**
 * HAProxy's own `on-marked-down` acts when a server goes down and when it is put into maintenance; `DOWN 1/2`
 * is on its way up, and still down; `UP 1/3` is on its way down, and still up. One that is down and was never
 * checked was started so by us, because nobody knew better; its first check will tell.
 */
export function isMarkedDown({ status, checkStatus }: ServerStat): boolean {
  if (status.startsWith('MAINT')) return true
  return status.startsWith('DOWN') && checkStatus !== 'INI' && checkStatus !== 'UNK'
}
