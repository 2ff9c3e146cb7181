/**
 * Who can pass a health check of Patroni's.
 *
 * The checks are OPTIONS requests, which Patroni answers by the path alone: a path that it does not know is 503.
 * Source: Patroni 4.1, patroni/api.py, do_GET; the manual's chapter on the REST API.
 */

export interface Candidate {
  /** It leads its cluster. */
  readonly leads: boolean
  /** Its cluster follows another one: the leader is a standby leader, and nobody a primary. */
  readonly standby: boolean
}

/** Whether a member in good health can ever be answered with 200. */
export type CanPass = (candidate: Candidate) => boolean

const leader: CanPass = ({ leads }) => leads
const follower: CanPass = ({ leads }) => !leads
const anybody: CanPass = () => true

/** Parts of a path, in the order in which Patroni looks for them. */
const parts: readonly (readonly [RegExp, CanPass])[] = [
  [/standby[_-]leader/, ({ leads, standby }) => leads && standby],
  [/leader/, leader],
  [/master|primary|read-write/, ({ leads, standby }) => leads && !standby],
  [/replica/, follower],
  [/^(?!.*(?:sync|quorum)).*read-only/, anybody],
  [/health/, anybody],
  [/^\/(?:sync|synchronous|async|asynchronous|quorum)$/, follower],
  [/^\/read-only-(?:sync|synchronous|quorum)$/, anybody],
]

/** @returns undefined for a path that Patroni does not know: nobody ever passes */
export function patroniCheck(path: string): CanPass | undefined {
  const bare = path.replace(/[?#].*$/, '')
  const known = bare === '/' ? '/primary' : bare
  return parts.find(([pattern]) => pattern.test(known))?.[1]
}

/** Only a primary passes. */
export function asksForPrimary(path: string): boolean {
  const pass = patroniCheck(path) ?? (() => false)
  return pass({ leads: true, standby: false }) && !pass({ leads: true, standby: true })
}

/** Only a synchronous standby passes, and in quorum mode there is none. */
export function asksForSync(path: string): boolean {
  return /^\/sync(?:hronous)?(?:[?#].*)?$/.test(path)
}

/** Paths for messages. */
export const patroniPaths =
  '/primary, /replica, /read-only, /leader, /standby-leader, /sync, /async, /quorum and /health'
