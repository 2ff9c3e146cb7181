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
  let places: Places | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('# be_id')) places = placesOf(line)
    const fields = line.trim().split(' ')
    if (places === undefined || line.startsWith('#') || fields.length < 19) continue
    const row = readRow(fields, places)
    rows.set(`${row.section}/${row.server}`, row)
  }
  return places === undefined ? undefined : rows
}

type Places = ReturnType<typeof placesOf>

/** Looked for once: dumps are read once a second, of a thousand servers on some nodes. */
function placesOf(header: string) {
  const names = header.slice(2).trim().split(' ')
  const placeOf = (name: string) => names.indexOf(name)
  return {
    section: placeOf('be_name'),
    server: placeOf('srv_name'),
    sectionId: placeOf('be_id'),
    address: placeOf('srv_addr'),
    port: placeOf('srv_port'),
    operation: placeOf('srv_op_state'),
    admin: placeOf('srv_admin_state'),
    weight: placeOf('srv_uweight'),
    configuredWeight: placeOf('srv_iweight'),
    changedS: placeOf('srv_time_since_last_change'),
    checkStatus: placeOf('srv_check_status'),
    checkResult: placeOf('srv_check_result'),
    health: placeOf('srv_check_health'),
    checkState: placeOf('srv_check_state'),
    hostName: placeOf('srv_fqdn'),
    agentState: placeOf('srv_agent_state'),
    agentAddress: placeOf('srv_agent_addr'),
    agentPort: placeOf('srv_agent_port'),
  }
}

function readRow(fields: readonly string[], at: Places): StateRow {
  return {
    section: fields[at.section] ?? '',
    server: fields[at.server] ?? '',
    sectionId: fields[at.sectionId] ?? '',
    address: fields[at.address] ?? '',
    port: Number(fields[at.port] ?? ''),
    operation: Number(fields[at.operation] ?? ''),
    admin: Number(fields[at.admin] ?? ''),
    weight: Number(fields[at.weight] ?? ''),
    configuredWeight: Number(fields[at.configuredWeight] ?? ''),
    changedS: Number(fields[at.changedS] ?? ''),
    checkStatus: fields[at.checkStatus] ?? '',
    checkResult: fields[at.checkResult] ?? '',
    health: Number(fields[at.health] ?? ''),
    checkState: Number(fields[at.checkState] ?? ''),
    hostName: fields[at.hostName] ?? '',
    agentState: fields[at.agentState] ?? '',
    agentAddress: fields[at.agentAddress] ?? '',
    agentPort: fields[at.agentPort] ?? '',
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
