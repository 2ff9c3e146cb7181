/**
 * Who did what. Acts are written down before they are done and again when they have come to their end; what is the same
 * again within a minute is counted, so that nobody who knocks a thousand times a second pushes all else out.
 */
import type { Logger } from '../../shared/log/logger.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { AuditKind, TrustStore } from '../store/trust-store.ts'

export interface AuditEntry {
  readonly kind: AuditKind
  readonly who: string
  readonly claimed?: string
  readonly origin: string
  readonly what: string
  readonly detail?: string
}

export interface AuditLog {
  /** Something that is over already. Never fails: it is logged when it cannot be kept. */
  note(entry: AuditEntry, outcome: string): void
  /**
   * An act is to begin. Resolves when that is written down.
   *
   * @returns tells how it came out
   * @throws as the store does: what cannot be written down must not be done
   */
  begin(entry: AuditEntry): Promise<(outcome: string) => void>
}

const sameMs = 60_000
/** Different refusals within a minute of which the record takes note; the rest is only logged. */
const refusalsPerMinute = 60
const maxLength = 300
/** Different ones that are counted at a time. */
const maxRecent = 10_000

interface Kept {
  readonly id: Promise<number | undefined>
  readonly fromMs: number
  times: number
}

export function createAuditLog(
  store: Pick<TrustStore, 'addAudit' | 'updateAudit'>,
  clock: Pick<Clock, 'now' | 'monotonic'>,
  log: Logger,
): AuditLog {
  const recent = new Map<string, Kept>()
  let refusals = { fromMs: Number.NEGATIVE_INFINITY, count: 0 }
  const onLost = (err: unknown) => {
    log.error({ err }, 'the record of who did what cannot be written')
    return undefined
  }
  const write = (entry: ShortEntry, outcome: string) =>
    store.addAudit({ ...entry, outcome: shortened(outcome), atMs: clock.now() })
  const add = (entry: ShortEntry, outcome: string) => write(entry, outcome).catch(onLost)
  const update = (id: number | undefined, outcome: string, times: number) => {
    if (id === undefined) return
    store.updateAudit(id, shortened(outcome), clock.now(), times).catch(onLost)
  }
  const hasRoom = ({ kind }: AuditEntry) => {
    if (kind !== 'refused') return true
    const nowMs = clock.monotonic()
    if (nowMs - refusals.fromMs > 60_000) refusals = { fromMs: nowMs, count: 0 }
    refusals.count += 1
    return refusals.count <= refusalsPerMinute
  }
  const forgetOld = () => {
    for (const [key, { fromMs }] of recent) if (clock.monotonic() - fromMs > sameMs) recent.delete(key)
  }
  return {
    note: (long, outcome) => {
      const entry = shortEntry(long)
      const key = JSON.stringify([
        entry.who,
        entry.claimed,
        entry.origin,
        entry.what,
        entry.detail,
        shortened(outcome),
      ])
      forgetOld()
      const known = recent.get(key)
      if (known) {
        known.times += 1
        const { times } = known
        void known.id.then((id) => update(id, outcome, times))
      } else if (hasRoom(entry)) {
        const [oldest] = recent.keys()
        if (oldest !== undefined && recent.size >= maxRecent) recent.delete(oldest)
        recent.set(key, { id: add(entry, outcome), fromMs: clock.monotonic(), times: 1 })
      }
    },
    begin: async (long) => {
      const entry = shortEntry(long)
      log.info({ ...entry }, 'an act begins')
      const id = await write(entry, 'begun')
      return (outcome) => update(id, outcome, 1)
    },
  }
}

type ShortEntry = AuditEntry & { readonly claimed: string; readonly detail: string }

/** What is remembered of it is never longer than this, whatever a caller sends. */
function shortEntry(entry: AuditEntry): ShortEntry {
  const { claimed = '', detail = '' } = entry
  return { ...entry, claimed: shortened(claimed), detail: shortened(detail) }
}

/** Names come from callers: one line, of bounded length. */
function shortened(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain
}
