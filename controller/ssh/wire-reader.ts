/** Reads SSH's wire form: byte strings after their length, and numbers. Source: RFC 4251, section 5. Pure. */

export interface WireReader {
  /** A byte string. */
  bytes(): Buffer
  text(): string
  uint32(): number
  uint64(): bigint
  /** How many bytes have been read. */
  at(): number
  isAtEnd(): boolean
}

/** Methods throw a RangeError when there are not enough bytes. */
export function wireReader(buffer: Buffer): WireReader {
  let at = 0
  const step = (length: number) => {
    if (at + length > buffer.length) throw new RangeError('it is cut short')
    at += length
    return at - length
  }
  const uint32 = () => buffer.readUInt32BE(step(4))
  const bytes = () => {
    const length = uint32()
    const from = step(length)
    return buffer.subarray(from, from + length)
  }
  return {
    bytes,
    text: () => bytes().toString('utf8'),
    uint32,
    uint64: () => buffer.readBigUInt64BE(step(8)),
    at: () => at,
    isAtEnd: () => at === buffer.length,
  }
}

/** A byte string after its length. */
export function wireString(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
