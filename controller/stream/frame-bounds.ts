/**
 * How big a message of an agent may be before anybody takes it apart: four million words of one letter fit into 12 MB,
 * and cost the one thread that serves everybody some seconds. Pure.
 *
 * Only an answer with a node's own files (Ack.live_files) may be as big as gRPC lets through. Sources: the wire format,
 * https://protobuf.dev/programming-guides/encoding; field numbers, proto/pgsvc/v1/agent.proto.
 */
import { maxFilesPerNode } from '../../shared/haproxy/service-file.ts'

/** Of all that is no live file, bytes. */
export const maxWordBytes = 4 << 20

const fieldOfAck = 2
const fieldOfLiveFiles = 8

/** @returns what is too much about it; undefined when nothing is, or when it is no message at all */
export function frameExcess(bytes: Uint8Array): string | undefined {
  if (bytes.length <= maxWordBytes) return undefined
  let [files, fileBytes] = [0, 0]
  for (const ack of partsOf(bytes, fieldOfAck)) {
    for (const file of partsOf(ack, fieldOfLiveFiles)) {
      files += 1
      fileBytes += file.length
      if (files > maxFilesPerNode) return `more than ${maxFilesPerNode} files`
    }
  }
  const words = bytes.length - fileBytes
  return words > maxWordBytes ? `a message of ${words} bytes, of which files are none` : undefined
}

/** The contents of one field, each time that it is there; ends where the bytes are no message. */
function* partsOf(bytes: Uint8Array, field: number): Generator<Uint8Array> {
  let at = 0
  while (at < bytes.length) {
    const key = varint(bytes, at)
    if (key === undefined) return
    const end = endOf(bytes, key)
    if (end === undefined || end.at > bytes.length) return
    if (key.value === field * 8 + 2) yield bytes.subarray(end.from, end.at)
    at = end.at
  }
}

interface Varint {
  readonly value: number
  /** Where what follows begins. */
  readonly next: number
}

/** Up to 2^49; more is no length and no key. */
function varint(bytes: Uint8Array, from: number): Varint | undefined {
  let value = 0
  for (let count = 0; count < 7; count += 1) {
    const byte = bytes[from + count]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * count)
    if (byte < 0x80) return { value, next: from + count + 1 }
  }
  return undefined
}

/** Where the value of a key begins and ends, by its wire type. */
function endOf(bytes: Uint8Array, { value: key, next }: Varint): { from: number; at: number } | undefined {
  const type = key % 8
  if (type === 1) return { from: next, at: next + 8 }
  if (type === 5) return { from: next, at: next + 4 }
  const number = varint(bytes, next)
  if (number === undefined || (type !== 0 && type !== 2)) return undefined
  const { value, next: from } = number
  return { from, at: type === 0 ? from : from + value }
}
