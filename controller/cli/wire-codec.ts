/** The messages of AdminService, made as they are needed: what a command starts is part of what it promises. */
import { descriptor } from '../../shared/rpc/generated/descriptor.ts'
import { createCodec } from '../../shared/rpc/message-codec.ts'

const codec = createCodec(descriptor)

/**
 * @param name - message of package pgsvc.v1, e.g. `PublishRequest`
 * @param value - fields by their camelCase names; an absent one is left out
 */
export function encodeMessage(name: string, value: object): Buffer {
  return codec.encode(`pgsvc.v1.${name}`, value)
}

/**
 * @returns an object with every field of the message; of a oneof only the one that is set, and its name
 * @throws Error when the bytes are not such a message
 */
export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  return codec.decode(`pgsvc.v1.${name}`, bytes)
}
