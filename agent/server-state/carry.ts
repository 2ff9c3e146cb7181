/**
 * Which states the servers of a new configuration start with. Pure.
 *
 * A state file overrides the configuration it is loaded with: port, weight, maintenance, health. So no row is
 * handed over as HAProxy dumped it; each is made from the new text, and takes from the old worker only what
 * still has a meaning. Seen on HAProxy 2.6.12: `disabled` gives the bits 1 and 4, a running server gets full
 * health whatever its row says, an address in a row wins over what the resolver says.
 */
import { isIP, SocketAddress } from 'node:net'
import type { Answers } from './ask.ts'
import type { Probe } from './probe.ts'
import { admin, checkBits, type NewRow, type StateRow } from './rows.ts'
import type { Section, StatefulSection, StatefulServer } from './sections.ts'

export interface Carried {
  /** Sections of the configuration that is to be loaded. */
  readonly next: readonly StatefulSection[]
  /** Those that the old worker has loaded, as far as it is known. */
  readonly loaded: readonly Section[]
  /** What the old worker says, by `section/server`; empty when there is none. */
  readonly rows: ReadonlyMap<string, StateRow>
}

/** Whom to ask: servers whose health nobody knows. Each question once. */
export function openQuestions(carried: Carried): readonly Probe[] {
  const probes = new Map<string, Probe>()
  for (const { server, health } of states(carried)) {
    const probe = server.check?.probe
    if (health === undefined && probe) probes.set(JSON.stringify(probe), probe)
  }
  return [...probes.values()]
}

/** Rows by file name. */
export function carryOver(carried: Carried, answers: Answers): ReadonlyMap<string, readonly NewRow[]> {
  const files = new Map<string, NewRow[]>(carried.next.map(({ file }) => [file, []]))
  for (const state of states(carried)) {
    const row = rowOf(state, answers)
    if (row) files.get(state.section.file)?.push(row)
  }
  return files
}

interface ServerState {
  readonly section: StatefulSection
  readonly server: StatefulServer
  readonly id: number
  /** The old worker's row, when it is of the same server. */
  readonly row: StateRow | undefined
  /** As it was loaded, when it is the same server. */
  readonly old: StatefulServer | undefined
  /** Carried over; undefined when it has to be found out. */
  readonly health: Health | undefined
}

type Health = Pick<StateRow, 'operation' | 'health' | 'checkStatus' | 'checkResult' | 'changedS'>

function states({ next, loaded, rows }: Carried): readonly ServerState[] {
  const known = new Map(
    loaded.flatMap(({ name, servers }) => servers.map((server) => [`${name}/${server.name}`, server])),
  )
  return next.flatMap((section) =>
    section.servers.map((server, index): ServerState => {
      const key = `${section.name}/${server.name}`
      const found = rows.get(key)
      const row = found && isSameServer(found, server) ? found : undefined
      const old = row && known.get(key)
      const health = row && carriedHealth(row, old, server)
      return { section, server, id: index + 1, row, old, health }
    }),
  )
}

/** By address. A port alone does not make another server: its check has a port of its own. */
function isSameServer({ address, hostName }: StateRow, server: StatefulServer): boolean {
  const own = isIP(server.address) === 0 ? hostName : address
  return own === server.address || canonicalAddress(own) === canonicalAddress(server.address)
}

function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address.toLowerCase()
}

function carriedHealth(
  row: StateRow,
  old: StatefulServer | undefined,
  { check, disabled }: StatefulServer,
): Health | undefined {
  const isSameQuestion = old !== undefined && old.check?.key === check?.key
  // A server that was disabled is stopped, whatever its check would say.
  const isReleased = !disabled && (row.admin & admin.configuredMaintenance) !== 0
  return isSameQuestion && !isReleased && (check === undefined || isProven(row)) ? row : undefined
}

/**
 * A worker that has just started believes in every server, and the first failed check ends that. In a state file
 * the same belief would be full health, and last for `fall` checks.
 */
function isProven({ checkStatus }: StateRow): boolean {
  return !notChecked.has(checkStatus)
}

/** `UNK` and `INI`; 15 is `L7OK`, 17 `L7STS`. Source: HAProxy management guide, 9.1 (`check_status`); as seen on 2.6.12. */
const notChecked: ReadonlySet<string> = new Set(['0', '1'])

/** @returns undefined to let the server start as HAProxy likes */
function rowOf(state: ServerState, answers: Answers): NewRow | undefined {
  const { section, server, row } = state
  // Without a dumped row its own part of the state would be unknown.
  if (server.agentCheck && row === undefined) return undefined
  const health = state.health ?? foundHealth(server, answers)
  if (health === undefined && row === undefined) return undefined
  const { operation, changedS, checkStatus, checkResult } = health ?? unchecked
  return {
    section: section.name,
    server: server.name,
    sectionId: row?.sectionId ?? '0',
    id: state.id,
    // The resolver's answer of now is better than that of then.
    address: '-',
    port: server.port,
    operation,
    admin: adminOf(server, row),
    weight: weightOf(state),
    configuredWeight: server.weight,
    changedS,
    checkStatus,
    checkResult,
    health: operation === 0 ? 0 : fullHealth(server),
    checkState: checkStateOf(state),
    hostName: '-',
    ssl: server.ssl,
    checkPort: server.check?.port,
    checkAddress: server.check?.address,
    agentState: server.agentCheck ? (row?.agentState ?? '0') : '0',
    agentAddress: server.agentCheck ? (row?.agentAddress ?? '-') : '-',
    agentPort: server.agentCheck ? (row?.agentPort ?? '0') : '0',
  }
}

/** As HAProxy starts a server: up, and no check has said so. */
const unchecked: Health = { operation: 2, health: 0, checkStatus: '1', checkResult: '0', changedS: 0 }

function foundHealth({ check }: StatefulServer, answers: Answers): Health | undefined {
  if (check?.probe === undefined) return undefined
  const answer = answers.get(JSON.stringify(check.probe))
  if (answer === undefined) return { ...unchecked, operation: 0, checkResult: '2' }
  const [operation, checkResult] = answer ? [2, '3'] : [0, '2']
  return { ...unchecked, operation, checkResult, checkStatus: answer ? '15' : '17' }
}

/** Whole when the text says what whole is; HAProxy refuses a row with more, and fills up one with less. */
function fullHealth({ check }: StatefulServer): number {
  const { rise, fall } = check ?? {}
  if (check === undefined) return 0
  return rise === undefined || fall === undefined ? 1 : rise + fall - 1
}

/** Maintenance and drain by hand stay; `disabled` is the new text's to say. */
function adminOf({ disabled }: StatefulServer, row: StateRow | undefined): number {
  if (disabled) return admin.configuredMaintenance | admin.forcedMaintenance
  if (row === undefined || (row.admin & admin.configuredMaintenance) !== 0) return 0
  // Both at once is a row that HAProxy refuses.
  return row.admin & admin.forcedMaintenance || row.admin & admin.forcedDrain
}

/** A weight set by hand stays, until the text says another one than before. */
function weightOf({ server, row, old }: ServerState): number {
  const isByHand = row !== undefined && old !== undefined && row.weight !== old.weight
  return isByHand && old.weight === server.weight ? row.weight : server.weight
}

/** Checks switched off by hand stay off, while the same is checked. */
function checkStateOf({ server, row, health }: ServerState): number {
  if (server.check === undefined) return 0
  const on = checkBits.configured | checkBits.enabled
  const isConfigured = row !== undefined && (row.checkState & checkBits.configured) !== 0
  return isConfigured && health !== undefined ? row.checkState & on : on
}
