/**
 * What is known of a new configuration's servers from the old worker, and what its word is worth. Pure.
 */
import { isIP, SocketAddress } from 'node:net'
import { admin, type StateRow } from './rows.ts'
import type { Section, ServerCheck, StatefulSection, StatefulServer } from './sections.ts'

export interface Carried {
  /** Sections of the configuration that is to be loaded. */
  readonly next: readonly StatefulSection[]
  /** Those that the old worker has loaded, as far as it is known. */
  readonly loaded: readonly Section[]
  /** What the old worker says, by `section/server`; empty when there is none, undefined when it does not answer. */
  readonly rows: ReadonlyMap<string, StateRow> | undefined
}

/**
 * - `checked`: checks that ask what the new ones will ask have found it up, or down;
 * - `wavering`: they have found it up, and not all of the latest were good: it counts down, or still up;
 * - `rising`: they have found it down, and the latest were good;
 * - `other`: checks that asked something else, or nobody knows what;
 * - `believed`: no check has reached it yet; a worker believes in every server until one has;
 * - `new`: the old worker does not know it;
 * - `untold`: there is a worker that knows, and does not say.
 */
export type Word = 'checked' | 'wavering' | 'rising' | 'other' | 'believed' | 'new' | 'untold'

export interface KnownServer {
  readonly section: StatefulSection
  readonly server: StatefulServer
  readonly id: number
  /** The old worker's row, when it is of the same server. */
  readonly row: StateRow | undefined
  /** As it was loaded, when it is the same server. */
  readonly old: StatefulServer | undefined
  /** The old worker's checks ask what the new ones will. */
  readonly isSameQuestion: boolean
  readonly word: Word
}

/** Every server of the new configuration, section by section. */
export function knownServers({ next, loaded, rows }: Carried): readonly (readonly KnownServer[])[] {
  const texts = new Map(
    loaded.flatMap(({ name, servers }) => servers.map((server) => [`${name}/${server.name}`, server])),
  )
  return next.map((section) =>
    section.servers.map((server, index): KnownServer => {
      const key = `${section.name}/${server.name}`
      const found = rows?.get(key)
      const row = found && isSameServer(found, server) ? found : undefined
      const old = row && texts.get(key)
      const isSameQuestion = old !== undefined && old.check?.key === server.check?.key
      const word = rows === undefined ? 'untold' : wordOf(row, old, server, isSameQuestion)
      return { section, server, id: index + 1, row, old, isSameQuestion, word }
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

function wordOf(
  row: StateRow | undefined,
  old: StatefulServer | undefined,
  { check, disabled }: StatefulServer,
  isSameQuestion: boolean,
): Word {
  if (row === undefined) return 'new'
  // A server that was disabled is stopped, whatever its check would say.
  const isReleased = !disabled && (row.admin & admin.configuredMaintenance) !== 0
  const isChecked = check === undefined || !notChecked.has(row.checkStatus)
  if (!isChecked) return 'believed'
  if (!isSameQuestion || isReleased) return 'other'
  if (check === undefined || row.admin !== 0) return 'checked'
  if (row.operation === 0) return row.health > 0 ? 'rising' : 'checked'
  return row.operation === 2 && row.health < wholeHealth(old?.check) ? 'wavering' : 'checked'
}

/** `UNK` and `INI`; 15 is `L7OK`, 17 `L7STS`. Source: HAProxy management guide, 9.1 (`check_status`); as seen on 2.6.12. */
const notChecked: ReadonlySet<string> = new Set(['0', '1'])

/** 0 when the text does not say. */
function wholeHealth(check: ServerCheck | undefined): number {
  const { rise, fall } = check ?? {}
  return rise === undefined || fall === undefined ? 0 : rise + fall - 1
}
