/**
 * Rows of HAProxy's `show servers state`, which are the rows of a state file as well. Pure.
 * Source: HAProxy management guide, 9.3 (`show servers state`, version 1 of the format).
 */

/** What we read of a row. */
export interface StateRow {
  readonly section: string
  readonly server: string
  readonly sectionId: string
  readonly address: string
  readonly port: number
  /** 0 stopped, 1 coming up (slowstart), 2 running, 3 going down. */
  readonly operation: number
  readonly admin: number
  readonly weight: number
  /** Of the configuration that the worker has loaded. */
  readonly configuredWeight: number
  readonly changedS: number
  readonly checkStatus: string
  readonly checkResult: string
  readonly health: number
  readonly checkState: number
  readonly hostName: string
  readonly agentState: string
  readonly agentAddress: string
  readonly agentPort: string
}

/** Bits of the administrative state. Source: HAProxy management guide, `srv_admin_state`. */
export const admin = { forcedMaintenance: 1, configuredMaintenance: 4, forcedDrain: 8 } as const
/** Bits of the state of a check, as above (`srv_check_state`). */
export const checkBits = { configured: 2, enabled: 4 } as const

/** @returns by `section/server`; undefined when the text is no such answer */
export function parseServersState(text: string): ReadonlyMap<string, StateRow> | undefined {
  const rows = new Map<string, StateRow>()
  let columns: readonly string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# be_id')) columns = line.slice(2).trim().split(' ')
    const fields = line.trim().split(' ')
    if (columns.length === 0 || line.startsWith('#') || fields.length < 19) continue
    const row = readRow((name) => fields[columns.indexOf(name)] ?? '')
    rows.set(`${row.section}/${row.server}`, row)
  }
  return columns.length === 0 ? undefined : rows
}

function readRow(at: (name: string) => string): StateRow {
  return {
    section: at('be_name'),
    server: at('srv_name'),
    sectionId: at('be_id'),
    address: at('srv_addr'),
    port: Number(at('srv_port')),
    operation: Number(at('srv_op_state')),
    admin: Number(at('srv_admin_state')),
    weight: Number(at('srv_uweight')),
    configuredWeight: Number(at('srv_iweight')),
    changedS: Number(at('srv_time_since_last_change')),
    checkStatus: at('srv_check_status'),
    checkResult: at('srv_check_result'),
    health: Number(at('srv_check_health')),
    checkState: Number(at('srv_check_state')),
    hostName: at('srv_fqdn'),
    agentState: at('srv_agent_state'),
    agentAddress: at('srv_agent_addr'),
    agentPort: at('srv_agent_port'),
  }
}

/** What a written row needs besides. */
export interface NewRow extends StateRow {
  readonly id: number
  readonly ssl: boolean
  /** Undefined for the server's own. */
  readonly checkPort: number | undefined
  readonly checkAddress: string | undefined
}

const header =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'

/** Text of a state file. Rows are matched by name; a wrong section id is only a warning. */
export function writeRows(rows: readonly NewRow[]): string {
  return ['1', header, ...rows.map(writeRow), ''].join('\n')
}

function writeRow(row: NewRow): string {
  return [
    row.sectionId,
    row.section,
    row.id,
    row.server,
    row.address,
    row.operation,
    row.admin,
    row.weight,
    row.configuredWeight,
    row.changedS,
    row.checkStatus,
    row.checkResult,
    row.health,
    row.checkState,
    row.agentState,
    0,
    0,
    '-', // a host's name is the new configuration's to say
    row.port,
    '-',
    row.ssl ? 1 : 0,
    row.checkPort ?? 0,
    row.checkAddress ?? '-',
    row.agentAddress,
    row.agentPort,
  ].join(' ')
}
