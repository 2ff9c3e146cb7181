/**
 * Protocol Buffers for the messages of a contract, made one type at a time.
 *
 * proto-loader gives the same, but builds every type before the first call: a third of the time of a whole command, and
 * memory that an agent would keep. Both stand on protobufjs; a test holds them equal.
 */
import protobuf from 'protobufjs/light.js'

export interface MessageCodec {
  /**
   * @param name - message with its package, e.g. `pgsvc.v1.PublishRequest`
   * @param value - fields by their camelCase names; an absent one is left out
   */
  encode(name: string, value: object): Buffer
  /**
   * @returns an object with every field of the message; of a oneof only the one that is set, and its name
   * @throws Error when the bytes are not such a message
   */
  decode(name: string, bytes: Uint8Array): unknown
  /** What a service can be asked, by the name of the method. */
  methods(service: string): readonly Method[]
}

export interface Method {
  readonly name: string
  /** As a request names it, e.g. `/pgsvc.v1.AgentService/Connect`. */
  readonly path: string
  readonly request: string
  readonly response: string
  readonly requestStream: boolean
  readonly responseStream: boolean
}

type Descriptor = Parameters<typeof protobuf.Root.fromJSON>[0]

export function createCodec(descriptor: Descriptor): MessageCodec {
  const root = protobuf.Root.fromJSON(descriptor)
  return {
    encode(name, value) {
      const type = root.lookupType(name)
      return Buffer.from(type.encode(type.fromObject(value)).finish())
    },
    decode(name, bytes) {
      const type = root.lookupType(name)
      return type.toObject(type.decode(bytes), { longs: Number, enums: String, defaults: true, oneofs: true })
    },
    methods: (service) =>
      root.lookupService(service).methodsArray.map((method) => described(service, method)),
  }
}

function described(service: string, method: protobuf.Method): Method {
  method.resolve()
  const nameOf = (type: protobuf.Type | null) => type?.fullName.slice(1) ?? ''
  return {
    name: method.name,
    path: `/${service}/${method.name}`,
    request: nameOf(method.resolvedRequestType),
    response: nameOf(method.resolvedResponseType),
    requestStream: method.requestStream ?? false,
    responseStream: method.responseStream ?? false,
  }
}
