/**
 * The little of DER that certificates and requests for them are made of: written, and read strictly.
 *
 * Source: X.690, clauses 8 and 10: definite lengths in the fewest bytes, tags below 31.
 */

/** Universal tags; `constructed` and context tags are written out where they are used. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One value with its tag and length. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body])
}

export function sequence(...values: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...values)
}

/** Whole bytes, no unused bits. */
export function bitString(bytes: Uint8Array): Buffer {
  return der(tags.bitString, Buffer.from([0]), bytes)
}

/** @param bytes - big-endian, not negative */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first))
  const isHigh = ((digits[0] ?? 0) & 0x80) !== 0
  return der(tags.integer, isHigh ? Buffer.from([0]) : Buffer.alloc(0), digits)
}

/** @param dotted - e.g. `2.5.29.17` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(tags.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

/** UTCTime until 2049, GeneralizedTime after it, as RFC 5280 4.1.2.5 asks. Whole seconds. */
export function time(ms: number): Buffer {
  const digits = new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:T]/g, '')
  const isUtc = new Date(ms).getUTCFullYear() < 2050
  return isUtc
    ? der(tags.utcTime, Buffer.from(digits.slice(2), 'ascii'))
    : der(tags.generalizedTime, Buffer.from(digits, 'ascii'))
}

function base128(value: number): number[] {
  const low = value & 0x7f
  const high = [...base128High(Math.floor(value / 128))]
  return [...high, low]
}

function base128High(value: number): number[] {
  return value === 0 ? [] : [...base128High(Math.floor(value / 128)), (value & 0x7f) | 0x80]
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

/** A value that was read. */
export interface DerValue {
  readonly tag: number
  readonly contents: Buffer
  /** With tag and length, exactly as it was. */
  readonly whole: Buffer
}

/**
 * The values that stand one after the other and fill `bytes`.
 *
 * @throws Error for anything else than DER
 */
export function readDer(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readOne(bytes.subarray(at))
    values.push(value)
    at += value.whole.length
  }
  return values
}

/**
 * The values inside a constructed one.
 *
 * @throws Error when it is not of that tag, or not DER
 */
export function readInside(value: DerValue | undefined, tag: number = tags.sequence): readonly DerValue[] {
  return readDer(contentsOf(value, tag))
}

/** @throws Error when it is not of that tag */
export function contentsOf(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag === tag) return value.contents
  throw new Error(`not the DER that was expected: tag ${value?.tag ?? 'none'} in place of ${tag}`)
}

function readOne(bytes: Buffer): DerValue {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new Error('broken DER')
  const { header, length } = readLength(bytes, first)
  const end = header + length
  if (end > bytes.length) throw new Error('DER that ends too early')
  return { tag, contents: bytes.subarray(header, end), whole: bytes.subarray(0, end) }
}

function readLength(bytes: Buffer, first: number): { header: number; length: number } {
  if (first < 0x80) return { header: 2, length: first }
  const count = first & 0x7f
  // 1 to 3 bytes: nothing that is read here has 16 MiB.
  if (count < 1 || count > 3 || bytes.length < 2 + count) throw new Error('a length that DER does not have')
  const length = bytes.readUIntBE(2, count)
  if (length < 0x80 || length < 256 ** (count - 1)) throw new Error('a length with too many bytes')
  return { header: 2 + count, length }
}
