/** Messages in a stream of bytes: each after its length, four bytes, the highest first. Pure. */

/** As much as a gRPC message may have here. */
const maxBytes = 64 << 20

export function frame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(message.length)
  return Buffer.concat([length, message])
}

/**
 * @param onMessage - told of each message that is complete
 * @returns takes the next bytes; throws Error for a length that no message has
 */
export function createUnframer(onMessage: (message: Buffer) => void): (chunk: Uint8Array) => void {
  let pending: Buffer[] = []
  let bytes = 0
  return (chunk) => {
    pending.push(Buffer.from(chunk))
    bytes += chunk.length
    while (bytes >= 4) {
      // Joined only once a message may be whole: a large one comes in thousands of pieces.
      const head = Buffer.concat(
        pending.length > 1 && (pending[0]?.length ?? 0) < 4 ? pending : pending.slice(0, 1),
      )
      const length = head.readUInt32BE(0)
      if (length > maxBytes) throw new Error(`a message of ${length} bytes, which none of ours has`)
      if (bytes < 4 + length) return
      const all = Buffer.concat(pending)
      const rest = all.subarray(4 + length)
      pending = rest.length > 0 ? [rest] : []
      bytes = rest.length
      onMessage(all.subarray(4, 4 + length))
    }
  }
}
