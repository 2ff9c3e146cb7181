/** What the running worker believes of the servers behind the leader's services, and how it is told otherwise. */
import type { Cli } from '../haproxy/cli.ts'
import type { Located } from '../haproxy/locate.ts'
import { dumpStates } from '../server-state/dump.ts'
import type { StateRow } from '../server-state/rows.ts'
import type { LeaderSection, Place, Routing } from './routing.ts'
import type { Verdict } from './verdict.ts'

type Sockets = Pick<Located, 'statsSocket' | 'masterSocket'>

/** By `section/server`. */
export type Rows = ReadonlyMap<string, StateRow>

const askMs = 2_000
/** HAProxy takes lines of up to 16 KiB on its sockets. */
const commandsAtOnce = 50

/** Undefined when nobody answers, which says nothing about any server. */
export async function readRows(cli: Cli, sockets: Sockets): Promise<Rows | undefined> {
  return await dumpStates(cli, sockets)
}

/** A server with its section, as HAProxy's commands want it. */
export interface ToTell {
  readonly section: LeaderSection
  readonly server: LeaderSection['servers'][number]
  readonly health: 'up' | 'down'
}

/**
 * What has to be told so that only the leader gets connections, in sections whose own check says that it leads. Pure.
 *
 * A server in maintenance or drain stays so: that is an operator's choice, and `health` does not change it.
 */
export function toTell(
  { groups }: Routing,
  { leader, inGroup }: Extract<Verdict, { kind: 'one' }>,
  rows: Rows,
): readonly ToTell[] {
  return groups.flatMap(({ sections }, index) =>
    inGroup[index] === true ? sections.flatMap((section) => differing(section, leader, rows)) : [],
  )
}

function differing(section: LeaderSection, leader: string, rows: Rows): readonly ToTell[] {
  return section.servers.flatMap((server): readonly ToTell[] => {
    const row = rows.get(`${section.name}/${server.name}`)
    if (row === undefined) return []
    const isUp = row.operation !== 0
    const health = server.instance === leader ? 'up' : 'down'
    return isUp === (health === 'up') ? [] : [{ section, server, health }]
  })
}

/** Where a member that led until now is to be spared: it stands by, and others get connections. Pure. */
export function toSpare({ places }: Routing, before: string, leader: string, rows: Rows): readonly Place[] {
  const rowOf = ({ section, server }: Place) => rows.get(`${section}/${server}`)
  // The new leader is not spared any longer, whatever it was until now.
  const serves = (place: Place) => {
    const row = rowOf(place)
    return row !== undefined && row.operation !== 0 && (row.weight > 0 || place.instance === leader)
  }
  return places.filter(
    (place) =>
      place.isReserve &&
      place.instance === before &&
      (rowOf(place)?.weight ?? 0) > 0 &&
      places.some((other) => other.section === place.section && other !== place && serves(other)),
  )
}

/** The worker's last check of the leader has failed in some section, though it may not have been marked down yet. Pure. */
export function isFailing({ groups }: Routing, leader: string, rows: Rows): boolean {
  const sections = groups.flatMap((group) => group.sections)
  return sections.some(({ name, servers }) =>
    servers.some((server) => {
      const row = rows.get(`${name}/${server.name}`)
      return server.instance === leader && row?.checkResult === failed
    }),
  )
}

/** Source: HAProxy management guide, `srv_check_result` (2: failed). */
const failed = '2'

/** One line per server that the worker has, in their order; changes when anything about them does. Pure. */
export function signatureOf({ groups }: Routing, rows: Rows): string {
  const names = groups.flatMap(({ sections }) =>
    sections.flatMap(({ name, servers }) => servers.map((server) => `${name}/${server.name}`)),
  )
  return names
    .map((name) => {
      const row = rows.get(name)
      return row === undefined ? `${name} -` : `${name} ${row.operation} ${row.checkResult} ${row.health}`
    })
    .join('\n')
}

export type Told =
  | { readonly kind: 'told'; readonly servers: number }
  /** HAProxy's own words. */
  | { readonly kind: 'failed'; readonly message: string }

/**
 * `health up` first: for a moment without any server clients would be refused. HAProxy's checks stay on and keep
 * the last word. Source: HAProxy management guide, 9.3 (`set server <b>/<s> health`).
 */
export async function tell(cli: Cli, sockets: Sockets, servers: readonly ToTell[]): Promise<Told> {
  const inOrder = [...servers].sort((a, b) => Number(a.health === 'down') - Number(b.health === 'down'))
  const commands = inOrder.flatMap(({ section, server, health }) => {
    const name = `${section.name}/${server.name}`
    const lift = health === 'up' && isHeldBack(server) ? [`set maxconn server ${name} 0`] : []
    return [...lift, `set server ${name} health ${health}`]
  })
  const message = await tellAll(cli, sockets, commands)
  return message === undefined ? { kind: 'told', servers: servers.length } : { kind: 'failed', message }
}

/** With slowstart a server takes one connection in its first second, whatever its maxconn. Seen on 2.6.12. */
export function isHeldBack({ slowstartMs, maxconn }: LeaderSection['servers'][number]): boolean {
  return slowstartMs > 0 && maxconn > 0
}

/**
 * What it says of one command is no reason to keep the others from it; when nobody answers, the rest is not sent.
 *
 * @returns the first complaint, undefined when all were taken
 */
export async function tellAll(
  cli: Cli,
  { statsSocket, masterSocket }: Sockets,
  commands: readonly string[],
): Promise<string | undefined> {
  const path = statsSocket ?? masterSocket
  if (path === undefined) return 'HAProxy has no socket to be told by'
  // The master passes a command on only with a worker before it.
  const prefix = statsSocket === undefined ? '@1 ' : ''
  const complaints: string[] = []
  for (let at = 0; at < commands.length; at += commandsAtOnce) {
    const line = commands
      .slice(at, at + commandsAtOnce)
      .map((command) => `${prefix}${command}`)
      .join(';')
    const answer = await cli.ask(path, line, askMs).catch(silenceOf)
    if (typeof answer !== 'string') return answer.message
    complaints.push(...answer.split('\n').filter((words) => words.trim() !== ''))
  }
  return complaints[0]?.trim()
}

function silenceOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
