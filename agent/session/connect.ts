/** Opens the one stream to a controller: gRPC over mutually authenticated TLS 1.3. */
import type { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import { AppError } from '../../shared/errors/app-error.ts'
import { bundleOf } from '../../shared/pki/authorities.ts'
import { controllerDnsName } from '../../shared/pki/identity.ts'
import { isController } from '../../shared/pki/is-controller.ts'
import type { Pair } from '../../shared/pki/pair-files.ts'
import type { Files } from '../../shared/ports/files.ts'
import { AgentService, Health } from '../../shared/rpc/agent-services.ts'
import { connectionWords } from '../../shared/rpc/connection-words.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { OwningCredentials } from '../../shared/rpc/owned-connection.ts'
import { readAuthorities } from '../identity/authorities-file.ts'

const channelOptions = {
  'grpc.ssl_target_name_override': controllerDnsName,
  'grpc.default_authority': controllerDnsName,
  // Half-open connections are noticed here, and by the silence rule of the session.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': 64 << 20,
  'grpc.max_send_message_length': 64 << 20,
  'grpc.enable_retries': 0,
  // Reconnecting is the session's: a channel's own backoff must not be shared with the next attempt.
  'grpc.use_local_subchannel_pool': 1,
}

/** Messages both ways, whatever carries them. */
export interface MessageStream {
  on(event: 'data', listener: (message: ControllerMessage__Output) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  write(message: AgentMessage): unknown
}

export interface OpenStream {
  readonly stream: MessageStream
  /** Ends stream and connection at once. */
  close(): void
}

export function openStream(address: string, channelCredentials: ChannelCredentials): OpenStream {
  const owning = new OwningCredentials(channelCredentials)
  const client = new AgentService(address, owning, channelOptions)
  const stream = client.Connect()
  return {
    stream,
    close() {
      stream.cancel()
      client.close()
      // A controller that stands still would keep each connection for ever.
      owning.destroyAll()
    },
  }
}

/**
 * Asks a controller whether it serves agents, with the node's certificate and without a stream.
 *
 * @returns why there is no answer; undefined when there is one
 */
export async function askController(
  address: string,
  channelCredentials: ChannelCredentials,
  timeoutMs: number,
): Promise<string | undefined> {
  const owning = new OwningCredentials(channelCredentials)
  const client = new Health(address, owning, channelOptions)
  try {
    return await new Promise((resolve) => {
      client.Check(
        { service: 'pgsvc.v1.AgentService' },
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error) return resolve(connectionWords(error.details) || 'no connection')
          resolve(answer?.status === 'SERVING' ? undefined : `the controller says ${answer?.status}`)
        },
      )
    })
  } finally {
    client.close()
    owning.destroyAll()
  }
}

export interface TlsPaths {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * Read anew for each connection, so that a renewed certificate needs no restart.
 *
 * @param believed - those whose controllers are believed
 * @throws AppError `CERTIFICATE_UNREADABLE`
 */
export async function readCredentials(
  files: Files,
  paths: TlsPaths,
  believed: () => Promise<readonly X509Certificate[]> = () => readAuthorities(files, paths.ca),
): Promise<ChannelCredentials> {
  try {
    return await readTogether(files, paths, believed)
  } catch (error) {
    // Between two of the files a new pair may have been put in place.
    if (error instanceof AppError && error.code === 'CERTIFICATE_UNREADABLE')
      return await readTogether(files, paths, believed)
    throw error
  }
}

async function readTogether(
  files: Files,
  paths: TlsPaths,
  believed: () => Promise<readonly X509Certificate[]>,
): Promise<ChannelCredentials> {
  const authorities = await believed()
  if (authorities.length === 0) throw missing(paths.ca)
  const [certPem = '', keyPem = ''] = await Promise.all(
    [paths.cert, paths.key].map(async (path) => (await readPem(files, path)).toString('utf8')),
  )
  try {
    return credentialsOf({ caPem: bundleOf(authorities), certPem, keyPem })
  } catch (cause) {
    throw new AppError('CERTIFICATE_UNREADABLE', `${paths.cert} and ${paths.key} are no pair of PEM files`, {
      hint: 'make them anew with `pgsvc pki issue`',
      cause,
    })
  }
}

/** @throws Error when the texts do not belong together */
export function credentialsOf({
  caPem,
  certPem,
  keyPem,
}: Pair & { readonly caPem: string }): ChannelCredentials {
  const context = createSecureContext({ ca: caPem, cert: certPem, key: keyPem, minVersion: 'TLSv1.3' })
  return credentials.createFromSecureContext(context, { checkServerIdentity: isController })
}

const probeMs = 10_000

/**
 * Asks the controller how it is, on a connection of its own.
 *
 * @throws Error when it is not reached with this identity
 */
export async function probe(address: string, identity: Pair & { readonly caPem: string }): Promise<void> {
  const owning = new OwningCredentials(credentialsOf(identity))
  const client = new Health(address, owning, channelOptions)
  try {
    await new Promise<void>((resolve, reject) => {
      client.Check({ service: '' }, { deadline: Date.now() + probeMs }, (error) =>
        error ? reject(error) : resolve(),
      )
    })
  } finally {
    client.close()
    owning.destroyAll()
  }
}

async function readPem(files: Files, path: string): Promise<Buffer> {
  const content = await files.read(path).catch((cause: unknown) => {
    throw new AppError('CERTIFICATE_UNREADABLE', `${path} cannot be read`, { cause })
  })
  if (content) return content
  throw missing(path)
}

function missing(path: string): AppError {
  return new AppError('CERTIFICATE_UNREADABLE', `${path} does not exist`, {
    hint: 'make it with `pgsvc pki issue` and put it there',
  })
}
