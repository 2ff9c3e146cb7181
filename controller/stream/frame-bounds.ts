/**
 * How big a message of an agent may be before anybody takes it apart: four million words of one letter fit into 12 MB,
 * and cost the one thread that serves everybody some seconds. Pure.
 *
 * Only an answer with a node's own files (Ack.live_files) may be as big as gRPC lets through. Sources: the wire format,
 * https://protobuf.dev/programming-guides/encoding; field numbers, proto/pgsvc/v1/agent.proto.
 */
import protobuf from 'protobufjs/light.js'
import { maxFilesPerNode } from '../../shared/haproxy/service-file.ts'

/** Owners and services: none is more than the files that a node takes. */
export const maxOwners = maxFilesPerNode
/** A set of other files may take the place of all that are there: then those that come and those that go are named. */
export const maxFiles = 2 * maxFilesPerNode
/** Of all that is no live file, bytes. */
export const maxWordBytes = 4 << 20

const lengthDelimited = 2
const fixedOrVarint = [0, 1, 5]
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
      if (files > maxFiles) return `more than ${maxFiles} files`
    }
  }
  const words = bytes.length - fileBytes
  return words > maxWordBytes ? `a message of ${words} bytes, of which files are none` : undefined
}

/** The contents of one field, each time that it is there; ends where the bytes are no message. */
function* partsOf(bytes: Uint8Array, field: number): Generator<Uint8Array> {
  const reader = protobuf.Reader.create(bytes)
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag % 8 === lengthDelimited) {
        const part = reader.bytes()
        if (tag >>> 3 === field) yield part
      } else if (fixedOrVarint.includes(tag % 8)) reader.skipType(tag % 8)
      else return // groups, which nothing of ours has and which may lie in each other without end
    }
  } catch {
    // No message from here on: that is for the decoder to say, and the rest counts as words.
  }
}
