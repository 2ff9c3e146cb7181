/** A controller for tests of the agent's session: a real gRPC server that does what the test says. */
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { AgentService } from '../../shared/rpc/services.ts'
import { until } from '../support/haproxy-lab.ts'

type Call = ServerDuplexStream<AgentMessage__Output, ControllerMessage>

export interface FakeController {
  readonly address: string
  /** Everything received, over all streams. */
  readonly received: readonly AgentMessage__Output[]
  /** Number of streams so far. */
  streams(): number
  /** Sends on the newest stream. */
  send(message: ControllerMessage): void
  /** Waits for a message that the test recognises. */
  next(isIt: (message: AgentMessage__Output) => boolean, timeoutMs?: number): Promise<AgentMessage__Output>
  /** Ends at once, as a killed process does. */
  kill(): void
}

export interface FakeOptions {
  readonly port?: number
  readonly node?: string
  readonly heartbeatMs?: number
  readonly silenceMs?: number
  /** Says nothing at all after the Welcome. */
  readonly mute?: boolean
}

export async function startFakeController(options: FakeOptions = {}): Promise<FakeController> {
  const { node = 'node-1', heartbeatMs = 100, silenceMs = 2_000, mute = false } = options
  const received: AgentMessage__Output[] = []
  const calls: Call[] = []
  const server = new Server()
  server.addService(AgentService.service, {
    Connect(call: Call) {
      calls.push(call)
      call.on('data', (message: AgentMessage__Output) => {
        received.push(message)
        if (message.hello) {
          call.write({ welcome: { node, heartbeatMs, silenceMs, controllerVersion: '0' }, nonce: '' })
        } else if (message.heartbeat && !mute) call.write({ heartbeat: {}, nonce: '' })
      })
      call.on('error', () => undefined)
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    received,
    streams: () => calls.length,
    send: (message) => void calls.at(-1)?.write(message),
    async next(isIt, timeoutMs = 5_000) {
      await until(() => received.some(isIt), timeoutMs)
      const found = received.find(isIt)
      if (!found) throw new Error('found and lost')
      return found
    },
    kill: () => server.forceShutdown(),
  }
}
