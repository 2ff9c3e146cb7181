/**
 * How each server of a section starts, by what was known of it and what was answered now. Pure.
 *
 * An answer counts before what was. Silence is no answer: what was known stays, and who is new starts down.
 */
import type { KnownServer, Word } from './known.ts'
import { type Answer, asksForLeader, type Probe } from './probe.ts'
import type { StateRow } from './rows.ts'
import type { StatefulServer } from './sections.ts'

export type StartAs =
  /** As its checks have found it. */
  | { readonly kind: 'as before'; readonly row: StateRow }
  | { readonly kind: 'answered'; readonly isUp: boolean }
  /** No check of the same question has said so. */
  | { readonly kind: 'unproven'; readonly operation: StateRow['operation']; readonly changedS: number }
  /** Up, as HAProxy starts a server by itself: the first bad check ends it. */
  | { readonly kind: 'believed' }

/** Those whose health cannot be taken over without asking. */
const openWords: ReadonlySet<Word> = new Set(['wavering', 'rising', 'other', 'believed', 'new', 'untold'])
/** Several good checks: they outweigh one bad answer, and go on. */
const foundUp: ReadonlySet<Word> = new Set(['checked', 'wavering'])

/**
 * Whom to ask about the servers of one section. Where only one can lead, and one is to be asked, all are: else an
 * old answer would stand beside a new one.
 */
export function questionsOf(servers: readonly KnownServer[]): readonly Probe[] {
  const open = servers.filter(({ word }) => openWords.has(word))
  const isContest = open.some(isRival)
  const asked = servers.filter((known) => open.includes(known) || (isContest && isRival(known)))
  return asked.flatMap(({ server: { check } }) => check?.probe ?? [])
}

/**
 * @param servers - those of one section
 * @returns in their order
 */
export function startsOf(
  servers: readonly KnownServer[],
  answerTo: (probe: Probe) => Answer | undefined,
): readonly StartAs[] {
  const claims = servers.map((known) => {
    const { probe } = known.server.check ?? {}
    return claimOf(known, probe && answerTo(probe))
  })
  const isHeard = judgeRivals(claims.filter(({ known }) => isRival(known)))
  return claims.map((claim) => {
    if (claim.trust === undefined || !isRival(claim.known) || isHeard(claim)) return claim.startAs
    return claim.answer === 'fails' ? { kind: 'answered', isUp: false } : madeUpDown
  })
}

/** What a server would start as, were it alone. */
interface Claim {
  readonly known: KnownServer
  readonly answer: Answer | undefined
  readonly startAs: StartAs
  /** Undefined when it would start down; else 3 it answered well, 2 its checks say so, 1 other checks did, 0 nobody. */
  readonly trust: 0 | 1 | 2 | 3 | undefined
}

const madeUpDown: StartAs = { kind: 'unproven', operation: 0, changedS: 0 }

function claimOf(known: KnownServer, answer: Answer | undefined): Claim {
  const { row, word } = known
  const isUp = row !== undefined && row.operation !== 0
  if (answer === 'passes') {
    const startAs: StartAs =
      word === 'checked' && isUp ? asBefore(known, row) : { kind: 'answered', isUp: true }
    return { known, answer, startAs, trust: 3 }
  }
  if (answer === 'fails' && !foundUp.has(word))
    return { known, answer, startAs: { kind: 'answered', isUp: false }, trust: undefined }
  return { known, answer, ...kept(known) }
}

function kept(known: KnownServer): Pick<Claim, 'startAs' | 'trust'> {
  const { word, row, server } = known
  const isAskable = server.check?.probe !== undefined
  const believed: StartAs = { kind: 'believed' }
  if (row === undefined)
    return word === 'new' && isAskable
      ? { startAs: madeUpDown, trust: undefined }
      : { startAs: believed, trust: 0 }
  // HAProxy takes no half health from a state file: with each reload it would be whole again.
  if (word === 'wavering') return { startAs: believed, trust: 2 }
  const { operation, changedS } = row
  if (word === 'checked' || word === 'rising')
    return { startAs: asBefore(known, row), trust: operation === 0 ? undefined : 2 }
  if (!isAskable) return { startAs: believed, trust: 0 }
  if (operation === 0 || isWordOfMany(known)) return { startAs: madeUpDown, trust: undefined }
  if (word === 'believed') return { startAs: believed, trust: 0 }
  return { startAs: { kind: 'unproven', operation, changedS }, trust: 1 }
}

/**
 * With slowstart a server takes few connections at first. For the one that leads nobody else takes them, and where
 * that limit was lifted for it, no state file says so.
 */
function asBefore(known: KnownServer, row: StateRow): StartAs {
  const isStarting = row.operation === 1
  return { kind: 'as before', row: isStarting && isRival(known) ? { ...row, operation: 2 } : row }
}

/** Up by a check that many members pass says nothing about who leads. */
function isWordOfMany({ old, server }: KnownServer): boolean {
  return old !== undefined && isForLeader(server) && !isForLeader(old)
}

/**
 * Which claims to lead are heard: that of the best witness alone, and none where several have nothing better to
 * show than that nobody knows. But where the checks themselves have found several (two clusters behind one
 * service, or the moment of a switchover), nobody is silenced.
 */
function judgeRivals(rivals: readonly Claim[]): (claim: Claim) => boolean {
  const trusts = rivals.flatMap(({ trust }) => trust ?? [])
  const best = Math.max(...trusts)
  const isBest = ({ trust }: Claim) => trust === best
  const several = rivals.filter(isBest).length > 1
  const wereFound = rivals.filter(({ known: { word, row } }) => word === 'checked' && row?.operation !== 0)
  if (wereFound.length > 1 || (best === 3 && several)) return () => true
  return best < 2 && several ? () => false : isBest
}

function isRival({ server }: KnownServer): boolean {
  return isForLeader(server)
}

function isForLeader({ check, port }: StatefulServer): boolean {
  return check?.probe !== undefined && asksForLeader(check.probe, port)
}
