/**
 * One stream of one agent, from its Hello to its end.
 *
 * At most one Snapshot or Commit is under way; what comes meanwhile is not queued, only noted: the next one
 * sent is whatever counts then. Sent, applied and failed are kept apart; a version that failed is parked
 * until it or the agent changes.
 */
import { status } from '@grpc/grpc-js'
import type { Fault } from '../../shared/errors/fault.ts'
import type { Logger } from '../../shared/log/logger.ts'
import type { Blobs, Snapshot } from '../../shared/model/snapshot.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import { snapshotToWire, stageFromWire } from '../../shared/rpc/convert.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { Observation__Output } from '../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import type { NodeAnswer, NodeLink, OnProgress, PrepareRequest } from '../publish/node-links.ts'
import { digestsOf } from '../store/assignment.ts'
import type { NodeRecord, Store } from '../store/store.ts'
import type { AgentStream } from './agent-stream.ts'
import { answerOfAck, appliedFromWire, faultOfNack } from './wire-answer.ts'

export interface SessionPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  readonly newNonce: () => string
  readonly heartbeatMs: number
  readonly silenceMs: number
  /** A Snapshot or Commit was answered. */
  readonly onAnswer: (node: string, version: number, answer: NodeAnswer) => void
  /** A step of a Snapshot under way. */
  readonly onStep: OnStep
}

type OnStep = (node: string, ...step: Parameters<OnProgress>) => void

/** What was sent and is not answered. */
interface Awaited {
  readonly kind: 'prepare' | 'commit' | 'snapshot'
  readonly version: number
  /** Contents sent along: held by the agent once it has said Ack, and not before. */
  readonly blobs: Blobs
  readonly onProgress: OnProgress
  readonly resolve: (answer: NodeAnswer) => void
}

/** Fault codes that say that contents are missing which we took for held. */
const missingContent = 'BLOB_MISSING'

export class Session implements NodeLink {
  readonly node: string
  readonly sinceMs: number
  observation: Observation__Output | undefined
  private readonly stream: AgentStream
  private readonly ports: SessionPorts
  private readonly hello: Hello__Output
  private readonly awaited = new Map<string, Awaited>()
  private readonly stop = new AbortController()
  private held: Set<string>
  private heardMs: number
  /** Something else should be sent once the answer under way is here. */
  private dirty = false
  private sending = false
  private resentInFull = false

  constructor(node: string, hello: Hello__Output, stream: AgentStream, ports: SessionPorts) {
    this.node = node
    this.hello = hello
    this.stream = stream
    this.ports = ports
    this.sinceMs = ports.clock.now()
    this.heardMs = ports.clock.monotonic()
    this.held = new Set(hello.heldDigests)
  }

  get ended(): boolean {
    return this.stop.signal.aborted
  }

  /** Records the Hello, answers what the assignments say, and starts the heartbeat. */
  async start(): Promise<void> {
    const { hello, ports, node } = this
    const record = await ports.store.node(node)
    await ports.store.recordNode(node, {
      agentVersion: hello.agentVersion,
      haproxyVersion: hello.haproxyVersion,
      appliedVersion: hello.appliedVersion,
      applied: appliedFromWire(hello.applied),
      lastSeenMs: ports.clock.now(),
      // Without a failure the agent has none that counts: it applied something since.
      ...(hello.failedVersion === 0 && !this.isParked(record) ? { failed: null } : {}),
    })
    void this.beat()
    await this.send(true)
  }

  /** Sends what the node should have, unless it has it, it is parked, or an answer is under way. */
  push(): void {
    void this.send(false)
  }

  prepare(request: PrepareRequest, onProgress: OnProgress): Promise<NodeAnswer> {
    const { publishId, snapshot, blobs, leaseMs, dryRun } = request
    const lacking = this.lacking(snapshot, blobs)
    return this.ask('prepare', snapshot.version, lacking, onProgress, (nonce) => {
      this.stream.write({
        nonce,
        prepare: { publishId, snapshot: snapshotToWire(snapshot, lacking), leaseMs, dryRun },
      })
    })
  }

  commit(publishId: string, version: number, onProgress: OnProgress): Promise<NodeAnswer> {
    return this.ask('commit', version, new Map(), onProgress, (nonce) => {
      this.stream.write({ nonce, commit: { publishId, version } })
    })
  }

  abort(publishId: string): void {
    if (this.ended) return
    // Its Prepare is not waited for any more; a late answer finds nobody.
    for (const [nonce, awaited] of this.awaited) {
      if (awaited.kind === 'prepare') this.awaited.delete(nonce)
    }
    this.stream.write({ abort: { publishId }, nonce: '' })
  }

  /** Everything after the Hello. */
  receive(message: AgentMessage__Output): void {
    this.heardMs = this.ports.clock.monotonic()
    if (message.ack) void this.onAck(message.ack)
    else if (message.nack) void this.onNack(message.nack)
    else if (message.progress) {
      const { nonce, stage, elapsedMs } = message.progress
      this.awaited.get(nonce)?.onProgress(stageFromWire(stage), elapsedMs)
    } else if (message.observation) this.observation = message.observation
    else if (message.hello) this.fail(status.INVALID_ARGUMENT, 'a second Hello on the same stream')
  }

  /** Ends the stream from our side. */
  fail(code: number, details: string): void {
    if (this.ended) return
    this.close()
    this.stream.fail(code, details)
  }

  /** The stream is over, whoever ended it. */
  close(): void {
    if (this.ended) return
    this.stop.abort()
    for (const { resolve } of this.awaited.values()) resolve({ kind: 'gone' })
    this.awaited.clear()
  }

  private ask(
    kind: 'prepare' | 'commit',
    version: number,
    blobs: Blobs,
    onProgress: OnProgress,
    write: (nonce: string) => void,
  ): Promise<NodeAnswer> {
    if (this.ended) return Promise.resolve({ kind: 'gone' })
    return new Promise((resolve) => {
      const nonce = this.ports.newNonce()
      this.awaited.set(nonce, { kind, version, blobs, onProgress, resolve })
      write(nonce)
    })
  }

  private lacking(snapshot: Snapshot, blobs: Blobs): Blobs {
    const lacking = new Map<string, string>()
    for (const digest of digestsOf(snapshot.assignments)) {
      const content = blobs.get(digest)
      if (content !== undefined && !this.held.has(digest)) lacking.set(digest, content)
    }
    return lacking
  }

  private async send(greeting: boolean): Promise<void> {
    if (this.ended) return
    if (this.busy) {
      this.dirty = true
      return
    }
    this.sending = true
    this.dirty = false
    try {
      await this.sendNow(greeting)
    } finally {
      this.sending = false
    }
    this.settled()
  }

  private async sendNow(greeting: boolean): Promise<void> {
    const { store, log } = this.ports
    const [snapshot, record] = await Promise.all([store.snapshot(this.node), store.node(this.node)])
    if (this.ended || !this.mustSend(snapshot, record, greeting)) return
    const blobs = this.lacking(snapshot, await store.blobs(digestsOf(snapshot.assignments)))
    await store.recordNode(this.node, { sentVersion: snapshot.version })
    const nonce = this.ports.newNonce()
    this.awaited.set(nonce, {
      kind: 'snapshot',
      version: snapshot.version,
      blobs,
      onProgress: (...step) => this.ports.onStep(this.node, ...step),
      resolve: () => undefined,
    })
    log.info({ node: this.node, version: snapshot.version, blobs: blobs.size }, 'snapshot sent')
    this.stream.write({ nonce, snapshot: snapshotToWire(snapshot, blobs) })
  }

  private mustSend(snapshot: Snapshot, record: NodeRecord, greeting: boolean): boolean {
    const { log } = this.ports
    // An empty snapshot takes all files away. A controller that never heard of the node has not decided that:
    // it may have lost its state.
    if (snapshot.version === 0) {
      if (record.applied.length > 0) {
        log.warn(
          { node: this.node, applied: record.applied },
          'node runs what this controller never assigned',
        )
      }
      return false
    }
    if (record.failed?.version === snapshot.version && this.isParked(record)) {
      log.info({ node: this.node, version: snapshot.version }, 'snapshot parked')
      return false
    }
    return greeting || record.appliedVersion !== snapshot.version
  }

  /** The last failure was of this very agent, with this very HAProxy. */
  private isParked({ failed }: NodeRecord): boolean {
    return (
      failed !== undefined &&
      failed.bootId === this.hello.bootId &&
      failed.agentVersion === this.hello.agentVersion &&
      failed.haproxyVersion === this.hello.haproxyVersion
    )
  }

  /** A Snapshot or Commit is under way. */
  private get busy(): boolean {
    return this.sending || [...this.awaited.values()].some((awaited) => awaited.kind !== 'prepare')
  }

  private settled(): void {
    if (this.dirty && !this.busy) this.push()
  }

  private take(nonce: string): Awaited | undefined {
    const awaited = this.awaited.get(nonce)
    this.awaited.delete(nonce)
    return awaited
  }

  private async onAck(ack: Ack__Output): Promise<void> {
    const awaited = this.take(ack.nonce)
    if (!awaited) return
    for (const digest of awaited.blobs.keys()) this.held.add(digest)
    const answer = answerOfAck(ack)
    if (awaited.kind !== 'prepare') {
      await this.ports.store.recordNode(this.node, {
        appliedVersion: awaited.version,
        applied: appliedFromWire(ack.applied),
        sentVersion: awaited.version,
        failed: null,
        lastSeenMs: this.ports.clock.now(),
      })
      this.resentInFull = false
      this.ports.onAnswer(this.node, awaited.version, answer)
      this.settled()
    }
    awaited.resolve(answer)
  }

  private async onNack(nack: Nack__Output): Promise<void> {
    const awaited = this.take(nack.nonce)
    if (!awaited) return
    const fault = faultOfNack(nack)
    // What it was thought to hold it may not; better to send too much the next time.
    if (fault.stage === 'receive') this.held = new Set()
    if (awaited.kind === 'snapshot') await this.onSnapshotNack(awaited.version, fault, nack)
    else if (awaited.kind === 'commit') {
      if (fault.stage !== 'receive') await this.recordFailure(awaited.version, fault, nack)
      this.settled()
    }
    awaited.resolve({ kind: 'nack', fault })
  }

  private async onSnapshotNack(version: number, fault: Fault, nack: Nack__Output): Promise<void> {
    if (fault.code === missingContent && !this.resentInFull) {
      this.resentInFull = true
      this.dirty = true
    } else {
      await this.recordFailure(version, fault, nack)
    }
    this.settled()
  }

  private async recordFailure(version: number, fault: Fault, nack: Nack__Output): Promise<void> {
    const { bootId, agentVersion, haproxyVersion } = this.hello
    this.ports.log.warn({ node: this.node, version, fault }, 'node refused its snapshot')
    await this.ports.store.recordNode(this.node, {
      applied: appliedFromWire(nack.applied),
      failed: { version, fault, bootId, agentVersion, haproxyVersion },
      sentVersion: version,
      lastSeenMs: this.ports.clock.now(),
    })
    this.ports.onAnswer(this.node, version, { kind: 'nack', fault })
  }

  private async beat(): Promise<void> {
    const { clock, heartbeatMs, silenceMs } = this.ports
    while (!this.ended) {
      await clock.sleep(heartbeatMs, this.stop.signal)
      if (this.ended) return
      if (clock.monotonic() - this.heardMs > silenceMs) {
        this.fail(status.UNAVAILABLE, `nothing heard for ${silenceMs} ms`)
        return
      }
      this.stream.write({ heartbeat: {}, nonce: '' })
    }
  }
}
