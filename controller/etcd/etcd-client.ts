/**
 * One connection to one member of etcd: gRPC calls with deadlines, and the watch stream. Nothing is decided here.
 *
 * Every call says `hasleader`: a member that is cut off from the others then answers with an error at once, and ends
 * watches, where it would otherwise go on in silence with what it knew.
 * Source: etcd's API reference for v3.4; `rpctypes/metadatafields.go` for the names of the metadata.
 */
import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext } from 'node:tls'
import {
  Channel,
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import { AppError } from '../../shared/errors/app-error.ts'
import { authoritiesIn, bundleOf } from '../../shared/pki/authorities.ts'
import type { ProtoGrpcType } from '../../shared/rpc/generated/etcd.ts'
import { descriptor } from '../../shared/rpc/generated/etcd-descriptor.ts'
import type { RangeRequest } from '../../shared/rpc/generated/etcdserverpb/RangeRequest.ts'
import type { RangeResponse__Output } from '../../shared/rpc/generated/etcdserverpb/RangeResponse.ts'
import type { WatchRequest } from '../../shared/rpc/generated/etcdserverpb/WatchRequest.ts'
import type { WatchResponse__Output } from '../../shared/rpc/generated/etcdserverpb/WatchResponse.ts'
import { hostAndPort, OwningCredentials } from '../../shared/rpc/owned-connection.ts'
import type { EtcdSecrets } from './settings.ts'

// The options must equal those of scripts/generate.ts, or the generated types lie.
const definition = fromJSON(descriptor, { longs: Number, enums: String, defaults: true, oneofs: true })
// The generator describes exactly what loadPackageDefinition builds, but cannot say so to the compiler.
const { etcdserverpb } = loadPackageDefinition(definition) as unknown as ProtoGrpcType

export const etcdServices = {
  KV: etcdserverpb.KV.service,
  Watch: etcdserverpb.Watch.service,
  Auth: etcdserverpb.Auth.service,
}

export type WatchStream = ClientDuplexStream<WatchRequest, WatchResponse__Output>

export interface EtcdClient {
  /** @returns a token; undefined when this etcd has no users */
  authenticate(name: string, password: string): Promise<string | undefined>
  range(request: RangeRequest, token: string | undefined): Promise<RangeResponse__Output>
  watch(token: string | undefined): WatchStream
  /** Ends every call and the connection. */
  close(): void
}

const channelOptions = {
  'grpc.enable_channelz': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  // A page of keys has whatever others wrote there; etcd itself takes at most 1.5 MiB in one request.
  'grpc.max_receive_message_length': 64 << 20,
  // Reconnecting is the watch's: a channel's own backoff must not be shared with the next attempt.
  'grpc.use_local_subchannel_pool': 1,
}

/**
 * @param endpoint - host:port
 * @param callTimeoutMs - for each call but the watch, connecting included
 */
export function openEtcd(endpoint: string, secrets: EtcdSecrets, callTimeoutMs: number): EtcdClient {
  const [inside, names] = credentialsFor(endpoint, secrets)
  const owning = new OwningCredentials(inside)
  const channelOverride = new Channel(endpoint, owning, { ...channelOptions, ...names })
  const kv = new etcdserverpb.KV(endpoint, owning, { channelOverride })
  const auth = new etcdserverpb.Auth(endpoint, owning, { channelOverride })
  const watch = new etcdserverpb.Watch(endpoint, owning, { channelOverride })
  const deadline = () => ({ deadline: Date.now() + callTimeoutMs })
  // Closing a channel alone lets calls that are under way go on.
  const underWay = new Set<{ cancel(): void }>()
  const noted = <T extends Cancellable>(call: T): T => {
    underWay.add(call)
    call.once('status', () => underWay.delete(call))
    return call
  }
  return {
    authenticate: (name, password) =>
      new Promise((resolve, reject) => {
        const call = auth.Authenticate(
          { name, password },
          metadataFor(undefined),
          deadline(),
          (error, answer) => {
            if (error && !hasNoUsers(error)) reject(error)
            else resolve(answer?.token)
          },
        )
        noted(call)
      }),
    range: (request, token) =>
      new Promise((resolve, reject) => {
        const call = kv.Range(request, metadataFor(token), deadline(), (error, answer) => {
          if (answer) resolve(answer)
          else reject(error)
        })
        noted(call)
      }),
    watch: (token) => noted(watch.Watch(metadataFor(token))),
    close() {
      for (const call of underWay) call.cancel()
      channelOverride.close()
      owning.destroyAll()
    },
  }
}

interface Cancellable {
  cancel(): void
  once(event: 'status', listener: () => void): unknown
}

/** The answer of an etcd where authentication is off; etcd's own client goes on without a token too. */
function hasNoUsers(error: ServiceError): boolean {
  return error.details.includes('authentication is not enabled')
}

function metadataFor(token: string | undefined): Metadata {
  const metadata = new Metadata()
  metadata.set('hasleader', 'true')
  if (token) metadata.set('token', token)
  return metadata
}

function credentialsFor(
  endpoint: string,
  { ca, cert, key }: EtcdSecrets,
): [ChannelCredentials, { readonly 'grpc.ssl_target_name_override'?: string }] {
  if (ca === undefined) return [credentials.createInsecure(), {}]
  const { host } = hostAndPort(endpoint)
  const believed = authoritiesIn(ca, { code: 'ETCD_FILE_UNREADABLE', from: 'etcd_ca' })
  const context = secureContext({ ca: bundleOf(believed), cert, key })
  // The certificate must be the address's, but an address is no server name in TLS (RFC 6066), and Node warns of one.
  return [
    credentials.createFromSecureContext(context, {
      checkServerIdentity: (_name, peer) => checkServerIdentity(host, peer),
    }),
    isIP(host) === 0 ? {} : { 'grpc.ssl_target_name_override': 'etcd' },
  ]
}

function secureContext(pem: Pick<EtcdSecrets, 'ca' | 'cert' | 'key'>) {
  try {
    return createSecureContext({ ...pem, minVersion: 'TLSv1.2' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('ETCD_FILE_UNREADABLE', `etcd_ca, etcd_cert or etcd_key cannot be used: ${why}`, {
      cause,
      hint: 'they must be PEM files, and the key that of the certificate',
    })
  }
}
