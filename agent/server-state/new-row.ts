/**
 * The row of a state file for a server, made from the new text; of the old worker's it takes only what still has
 * a meaning. Pure. Seen on HAProxy 2.6.12: `disabled` gives the bits 1 and 4, a running server gets full health
 * whatever its row says, an address in a row wins over what the resolver says.
 */
import type { KnownServer } from './known.ts'
import { admin, checkBits, type NewRow, type StateRow } from './rows.ts'
import type { StatefulServer } from './sections.ts'
import type { StartAs } from './start-as.ts'

/** @returns undefined to let the server start as HAProxy likes */
export function newRow(known: KnownServer, startAs: StartAs): NewRow | undefined {
  const { section, server, row } = known
  // Without a dumped row its own part of the state would be unknown.
  if (server.agentCheck && row === undefined) return undefined
  if (startAs.kind === 'believed' && !isSetByHand(known)) return undefined
  const { operation, changedS, checkStatus, checkResult } = healthOf(startAs)
  return {
    section: section.name,
    server: server.name,
    sectionId: row?.sectionId ?? '0',
    id: known.id,
    // The resolver's answer of now is better than that of then.
    address: '-',
    port: server.port,
    operation,
    admin: adminOf(server, row),
    weight: weightOf(known),
    configuredWeight: server.weight,
    changedS,
    checkStatus,
    checkResult,
    health: operation === 0 ? 0 : fullHealth(server),
    checkState: checkStateOf(known),
    hostName: '-',
    ssl: server.ssl,
    checkPort: server.check?.port,
    checkAddress: server.check?.address,
    agentState: server.agentCheck ? (row?.agentState ?? '0') : '0',
    agentAddress: server.agentCheck ? (row?.agentAddress ?? '-') : '-',
    agentPort: server.agentCheck ? (row?.agentPort ?? '0') : '0',
  }
}

type Health = Pick<StateRow, 'operation' | 'checkStatus' | 'checkResult' | 'changedS'>

/** The status 1 is `INI`: no check has said so; the next reload asks again, and nobody's sessions are ended for it. */
function healthOf(startAs: StartAs): Health {
  switch (startAs.kind) {
    case 'as before':
      return startAs.row
    case 'answered':
      return startAs.isUp
        ? { operation: 2, checkStatus: '15', checkResult: '3', changedS: 0 }
        : { operation: 0, checkStatus: '17', checkResult: '2', changedS: 0 }
    case 'unproven':
      return { ...startAs, checkStatus: '1', checkResult: startAs.operation === 0 ? '2' : '0' }
    case 'believed':
      return { operation: 2, checkStatus: '1', checkResult: '0', changedS: 0 }
  }
}

/** What a row alone can carry over. */
function isSetByHand(known: KnownServer): boolean {
  const { server, row } = known
  if (row === undefined) return false
  return (
    server.agentCheck ||
    adminOf(server, row) !== 0 ||
    weightOf(known) !== server.weight ||
    (server.check !== undefined && checkStateOf(known) !== checkBits.configured + checkBits.enabled)
  )
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
function weightOf({ server, row, old }: KnownServer): number {
  const isByHand = row !== undefined && old !== undefined && row.weight !== old.weight
  return isByHand && old.weight === server.weight ? row.weight : server.weight
}

/** Checks switched off by hand stay off, while the same is checked. */
function checkStateOf({ server, row, isSameQuestion }: KnownServer): number {
  if (server.check === undefined) return 0
  const on = checkBits.configured | checkBits.enabled
  const isConfigured = row !== undefined && (row.checkState & checkBits.configured) !== 0
  return isConfigured && isSameQuestion ? row.checkState & on : on
}
