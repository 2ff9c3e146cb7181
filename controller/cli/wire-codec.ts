/**
 * Protocol Buffers for the messages of AdminService, driven by the generated descriptor.
 *
 * proto-loader does the same, but builds every type of the contract before the first call: 75 ms of a
 * command that as a whole may take 200. A test holds the two equal, byte for byte and value for value.
 * Source: protobuf.dev, "Encoding"; the shape of values is proto-loader's with
 * `{ longs: Number, enums: String, defaults: true, oneofs: true }`.
 */
import { descriptor } from '../../shared/rpc/generated/descriptor.ts'

type Value = Record<string, unknown>

interface FieldJson {
  readonly type: string
  readonly id: number
  readonly rule?: string
}

interface TypeJson {
  readonly fields?: Readonly<Record<string, FieldJson>>
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>
  readonly values?: Readonly<Record<string, number>>
}

interface Field {
  readonly name: string
  readonly id: number
  readonly repeated: boolean
  readonly type: string
  /** Name of the oneof it belongs to. */
  readonly oneof: string | undefined
  /** Names by number; for an enum only. */
  readonly names: ReadonlyMap<number, string> | undefined
}

interface MessageType {
  readonly fields: readonly Field[]
  readonly byId: ReadonlyMap<number, Field>
}

interface NamespaceJson {
  readonly nested?: Readonly<Record<string, unknown>>
}

const types = new Map<string, MessageType>()

function typeJson(name: string): TypeJson {
  let place: unknown = descriptor
  for (const part of ['pgsvc', 'v1', name]) place = (place as NamespaceJson | undefined)?.nested?.[part] // the descriptor's own shape
  if (place === undefined) throw new Error(`no such message: ${name}`)
  return place as TypeJson // a leaf of the descriptor is a message or an enum
}

function messageType(name: string): MessageType {
  const known = types.get(name)
  if (known) return known
  const json = typeJson(name)
  const oneofOf = new Map<string, string>()
  for (const [oneof, { oneof: members }] of Object.entries(json.oneofs ?? {})) {
    for (const member of members) oneofOf.set(member, oneof)
  }
  const fields = Object.entries(json.fields ?? {}).map(([fieldName, field]) => ({
    name: fieldName,
    id: field.id,
    repeated: field.rule === 'repeated',
    type: scalarKinds.has(field.type) ? field.type : typeJson(field.type).values ? 'enum' : field.type,
    oneof: oneofOf.get(fieldName),
    names: scalarKinds.has(field.type) ? undefined : enumNames(typeJson(field.type)),
  }))
  const made = { fields, byId: new Map(fields.map((field) => [field.id, field])) }
  types.set(name, made)
  return made
}

function enumNames(json: TypeJson): ReadonlyMap<number, string> | undefined {
  return json.values && new Map(Object.entries(json.values).map(([name, number]) => [number, name]))
}

const scalarKinds = new Set(['string', 'bool', 'uint32', 'uint64'])

/** Wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
function wireType(field: Field): number {
  return field.type === 'bool' || field.type === 'uint32' || field.type === 'uint64' || field.type === 'enum'
    ? 0
    : 2
}

/**
 * @param name - message of package pgsvc.v1, e.g. `PublishRequest`
 * @param value - fields by their camelCase names; an absent one is left out
 */
export function encodeMessage(name: string, value: object): Buffer {
  const bytes: number[] = []
  const given = value as Value // fields are looked up by the descriptor's names only
  for (const field of messageType(name).fields) {
    const content = given[field.name]
    if (content === undefined || content === null) continue
    for (const item of field.repeated ? (content as unknown[]) : [content]) {
      putVarint(bytes, field.id * 8 + wireType(field))
      putItem(bytes, field, item)
    }
  }
  return Buffer.from(bytes)
}

function putItem(bytes: number[], field: Field, item: unknown): void {
  if (wireType(field) === 0) {
    putVarint(bytes, numberOf(field, item))
    return
  }
  const content =
    field.type === 'string' ? Buffer.from(String(item), 'utf8') : encodeMessage(field.type, item as object) // by the descriptor
  putVarint(bytes, content.length)
  for (const byte of content) bytes.push(byte)
}

function numberOf(field: Field, item: unknown): number {
  if (typeof item !== 'string' || !field.names) return Number(item)
  for (const [number, name] of field.names) if (name === item) return number
  throw new Error(`no such value of ${field.name}: ${item}`)
}

function putVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

/**
 * @returns an object with every field of the message; of a oneof only the one that is set, and its name
 * @throws Error when the bytes are not such a message
 */
export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  const type = messageType(name)
  const value: Value = {}
  for (const field of type.fields) if (field.oneof === undefined) value[field.name] = emptyOf(field)
  const reader: Reader = { bytes, at: 0 }
  while (reader.at < bytes.length) {
    const tag = getVarint(reader)
    const field = type.byId.get(Math.floor(tag / 8))
    if (!field) skip(reader, tag % 8)
    else takeField(reader, field, tag % 8, value)
  }
  return value
}

function emptyOf(field: Field): unknown {
  if (field.repeated) return []
  if (field.type === 'string') return ''
  if (field.type === 'bool') return false
  if (field.type === 'enum') return field.names?.get(0)
  return wireType(field) === 0 ? 0 : null
}

function takeField(reader: Reader, field: Field, wire: number, value: Value): void {
  if (wire !== wireType(field)) throw new Error(`field ${field.name} has wire type ${wire}`)
  const item = getItem(reader, field)
  if (field.repeated)
    (value[field.name] as unknown[]).push(item) // made by emptyOf
  else value[field.name] = item
  if (field.oneof !== undefined) value[field.oneof] = field.name
}

function getItem(reader: Reader, field: Field): unknown {
  const number = getVarint(reader)
  if (field.type === 'bool') return number !== 0
  if (field.type === 'enum') return field.names?.get(number) ?? number
  if (wireType(field) === 0) return number
  const content = getBytes(reader, number)
  return field.type === 'string'
    ? Buffer.from(content.buffer, content.byteOffset, content.length).toString('utf8')
    : decodeMessage(field.type, content)
}

function getBytes(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length
  if (end > reader.bytes.length) throw new Error('message ends too early')
  const content = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return content
}

function getVarint(reader: Reader): number {
  let value = 0
  for (let scale = 1, count = 0; count < 10; count += 1, scale *= 128) {
    const byte = reader.bytes[reader.at]
    if (byte === undefined) throw new Error('message ends too early')
    reader.at += 1
    value += (byte % 128) * scale
    if (byte < 128) return value
  }
  throw new Error('number too long')
}

/** Fields that a newer controller knows and we do not. */
function skip(reader: Reader, wire: number): void {
  if (wire === 0) getVarint(reader)
  else if (wire === 1) getBytes(reader, 8)
  else if (wire === 2) getBytes(reader, getVarint(reader))
  else if (wire === 5) getBytes(reader, 4)
  else throw new Error(`wire type ${wire}`)
}
