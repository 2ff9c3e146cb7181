/**
 * Faults as one message has room for them. One broken `default_server` may put every owner of a node in quarantine, with
 * 4 KiB of HAProxy's words each; the controller takes no message of more than 4 MiB (controller/stream/frame-bounds.ts),
 * and the same answer would come again after each connect. All of it stands in the node's own log and state. Pure.
 */
import type { Fault, QuarantinedOwner } from '../../shared/errors/fault.ts'

/** How much of each fault is told as long as all texts together stay below a size. */
interface Room {
  readonly maxBytes: number
  /** In characters. */
  readonly messageLength: number
  readonly wordsLength: number
}

const rooms: readonly Room[] = [
  { maxBytes: 384 << 10, messageLength: 1_000, wordsLength: 4_096 },
  { maxBytes: 512 << 10, messageLength: 200, wordsLength: 200 },
]
/** Beyond that a fault is told without HAProxy's words. */
const leastMessageLength = 80

/** @returns each fault, in the same order: the first ones whole, then with less and less of their texts */
export function toldFaults(faults: readonly Fault[]): readonly Fault[] {
  let spentBytes = 0
  return faults.map((fault) => {
    for (const { maxBytes, messageLength, wordsLength } of rooms) {
      const told = shortened(fault, messageLength, wordsLength)
      const bytes = Buffer.byteLength(told.message) + Buffer.byteLength(told.haproxy ?? '')
      if (spentBytes + bytes > maxBytes) continue
      spentBytes += bytes
      return told
    }
    return { ...fault, message: cut(fault.message, leastMessageLength), haproxy: undefined }
  })
}

/** The same of owners in quarantine. */
export function toldQuarantine(quarantined: readonly QuarantinedOwner[]): readonly QuarantinedOwner[] {
  const faults = toldFaults(quarantined.map(({ fault }) => fault))
  return quarantined.map((one, index) => ({ ...one, fault: faults[index] ?? one.fault }))
}

function shortened(fault: Fault, messageLength: number, wordsLength: number): Fault {
  const { message, haproxy } = fault
  return { ...fault, message: cut(message, messageLength), haproxy: haproxy && cut(haproxy, wordsLength) }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}
