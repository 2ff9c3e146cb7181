/**
 * Stands between one agent and its controller, and hands on their messages one by one: it has certificates of
 * both. At a chosen message it stops both directions, has something struck, and hands that message on or not.
 */
import {
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js'
import type {
  AgentMessage,
  AgentMessage__Output,
} from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type {
  ControllerMessage,
  ControllerMessage__Output,
} from '../../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'
import { controllerNameOverride, type Pem } from '../../integration/controller-agent.ts'

export interface Strike {
  /** Of the messages that count, from 1. */
  readonly at: number
  /** The message still arrives. */
  readonly isDelivered: boolean
  /** What happens then; the message waits for it. */
  readonly work: (link: Link) => Promise<void>
}

/** One agent's stream as the relay has it. */
export interface Link {
  /** Both sides see the connection break. */
  cut(): void
  /** Nothing gets through any more, and nobody is told. */
  silence(): void
}

type Down = ServerDuplexStream<AgentMessage__Output, ControllerMessage>
type Up = ClientDuplexStream<AgentMessage, ControllerMessage__Output>

/** For what was written to leave this process before the connection is broken. */
const flushMs = 25

export class Relay {
  /** Names of the messages that counted since `count`. */
  seen: string[] = []
  /** The strike has been carried out. */
  struck = false
  /** Streams of the agent so far. */
  streams = 0
  /** Nobody is let through. */
  isClosed = false
  private readonly server = new Server({ 'grpc.enable_channelz': 0 })
  private readonly links = new Set<Link>()
  private strike: Strike | undefined
  private readonly controllerPort: () => number
  private readonly node: Pem

  constructor(controllerPort: () => number, node: Pem) {
    this.controllerPort = controllerPort
    this.node = node
    this.server.addService(AgentService.service, { Connect: (down: Down) => this.connect(down) })
  }

  /** @returns the port for the agent */
  async listen({ ca, cert, key }: Pem): Promise<number> {
    const pair = [{ cert_chain: cert, private_key: key }]
    return await new Promise((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(ca, pair, true), (error, port) =>
        error ? reject(error) : resolve(port),
      )
    })
  }

  /** Counts from now. */
  count(strike?: Strike): void {
    this.seen = []
    this.struck = false
    this.strike = strike
  }

  cutAll(): void {
    for (const link of this.links) link.cut()
  }

  end(): void {
    this.server.forceShutdown()
  }

  private connect(down: Down): void {
    if (this.isClosed) {
      down.emit('error', { code: status.UNAVAILABLE, details: 'nobody is let through' })
      return
    }
    this.streams += 1
    const { ca, cert, key } = this.node
    const client = new AgentService(
      `127.0.0.1:${this.controllerPort()}`,
      credentials.createSsl(ca, key, cert),
      controllerNameOverride,
    )
    const up: Up = client.Connect()
    let isOver = false
    let isSilent = false
    const cut = () => {
      if (isOver) return
      isOver = true
      this.links.delete(link)
      down.emit('error', { code: status.UNAVAILABLE, details: 'the connection broke' })
      up.cancel()
      client.close()
    }
    const link: Link = {
      cut,
      silence: () => {
        isSilent = true
      },
    }
    this.links.add(link)
    let queue = Promise.resolve()
    const enqueue = (work: () => Promise<void> | void) => {
      queue = queue.then(() => (isOver || isSilent ? undefined : work()))
    }
    down.on('data', (message: AgentMessage__Output) =>
      enqueue(() => this.pass(link, `agent: ${nameOf(message)}`, () => up.write(message))),
    )
    up.on('data', (message: ControllerMessage__Output) =>
      enqueue(() => this.pass(link, `controller: ${nameOf(message)}`, () => down.write(message))),
    )
    // What one side said before it went is handed on first.
    for (const side of [up, down]) {
      side.on('error', () => enqueue(cut))
      side.on('end', () => enqueue(cut))
      side.on('close', () => enqueue(cut))
    }
    down.on('cancelled', () => enqueue(cut))
  }

  private async pass(link: Link, name: string, forward: () => void): Promise<void> {
    if (/: (heartbeat|observation)$/.test(name)) return forward()
    this.seen.push(name)
    const { strike } = this
    if (this.seen.length !== strike?.at) return forward()
    this.strike = undefined
    if (strike.isDelivered) {
      forward()
      await new Promise((resolve) => setTimeout(resolve, flushMs))
    }
    await strike.work(link)
    this.struck = true
  }
}

function nameOf(message: AgentMessage__Output | ControllerMessage__Output): string {
  const { body = 'nothing' } = message
  if ('progress' in message && message.progress) return `progress ${message.progress.stage.toLowerCase()}`
  if ('ack' in message && message.ack) return message.ack.prepared ? 'ack of prepare' : 'ack'
  return body
}
