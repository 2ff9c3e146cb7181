/**
 * One stream of one agent, from its Hello to its end.
 *
 * At most one Snapshot or Commit is under way; what comes meanwhile is not queued, only noted: the next one
 * sent is whatever counts then. Sent, applied and failed are kept apart; a version that failed is parked
 * until it or the agent changes.
 */

import { status } from '@grpc/grpc-js'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Fault } from '../../shared/errors/fault.ts'
import type { LeaderHint, LeaderView } from '../../shared/model/leader.ts'
import type { Blobs, Owner, Snapshot } from '../../shared/model/snapshot.ts'
import { snapshotToWire, stageFromWire } from '../../shared/rpc/convert.ts'
import {
  leaderHintToWire,
  leaderReportFromWire,
  leaderViewFromWire,
} from '../../shared/rpc/convert-leader.ts'
import type { Ack__Output } from '../../shared/rpc/generated/pgsvc/v1/Ack.ts'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { Hello__Output } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { LeaderReport__Output } from '../../shared/rpc/generated/pgsvc/v1/LeaderReport.ts'
import type { Nack__Output } from '../../shared/rpc/generated/pgsvc/v1/Nack.ts'
import type { Observation__Output } from '../../shared/rpc/generated/pgsvc/v1/Observation.ts'
import { changedOwners } from '../leaders/agreement.ts'
import { viewsAfter } from '../leaders/views-after.ts'
import type { NodeAnswer, NodeLink, OnProgress, PrepareRequest } from '../publish/node-links.ts'
import { digestsOf } from '../store/assignment.ts'
import type { NodeRecord } from '../store/store.ts'
import { certificateProblem } from '../trust/certificate-problem.ts'
import type { AgentStream } from './agent-stream.ts'
import { type Awaited, AwaitedAnswers } from './awaited.ts'
import { createNodeJournal, type NodeJournal } from './node-journal.ts'
import { type OwnWord, ownAck, ownNack, ownWord, type Told } from './own-word.ts'
import { decideSend, type SendDecision } from './send-decision.ts'
import type { SessionPorts } from './session-ports.ts'
import { answerOfAck, answerOfNack, foundApplied } from './wire-answer.ts'

/** Fault codes that say that contents are missing which we took for held. */
const missingContent = 'BLOB_MISSING'

export class Session implements NodeLink {
  readonly node: string
  readonly sinceMs: number
  observation: Observation__Output | undefined
  /** Who leads, as the node sees it; undefined when it has said nothing yet. */
  views: readonly LeaderView[] | undefined
  /** An operator's command carries the stream. */
  readonly isRelayed: boolean
  /** Until when the node's certificate is valid, that of the stream or a later one signed on it; milliseconds since 1970. */
  certificateEndsMs: number
  private readonly stream: AgentStream
  private readonly ports: SessionPorts
  private readonly hello: Hello__Output
  private readonly journal: NodeJournal
  private readonly awaited = new AwaitedAnswers()
  private readonly stop = new AbortController()
  private held: Set<string>
  private heardMs: number
  /** Something else should be sent once the answer under way is here. */
  private dirty = false
  private sending = false
  private resentInFull = false

  constructor(
    node: string,
    hello: Hello__Output,
    stream: AgentStream,
    ports: SessionPorts,
    certificateEndsMs: number | undefined,
  ) {
    this.node = node
    this.isRelayed = certificateEndsMs === undefined
    this.certificateEndsMs = certificateEndsMs ?? Number.POSITIVE_INFINITY
    this.hello = hello
    this.stream = stream
    this.ports = ports
    this.journal = createNodeJournal(ports, node, hello)
    this.sinceMs = ports.clock.now()
    this.heardMs = ports.clock.monotonic()
    this.held = new Set(hello.heldDigests)
  }

  get ended(): boolean {
    return this.stop.signal.aborted
  }

  /** Records the Hello, sends what is assigned unless the agent has it, and starts the heartbeat. */
  start(): void {
    void this.beat()
    this.watch(this.greet())
  }

  private async greet(): Promise<void> {
    const version = await this.journal.greeted()
    if (version !== undefined) this.ports.onAnswer(this.node, version, foundApplied)
    const running = new Map(this.hello.applied.map(({ owner, leader }) => [owner, leader]))
    void this.ports.leaders.greeted(this.node, running)
    await this.send()
  }

  /** Sends what the node should have, unless it has it, it is parked, or an answer is under way. */
  push(): void {
    this.watch(this.send())
  }

  async prepare(request: PrepareRequest, onProgress: OnProgress): Promise<NodeAnswer> {
    const answer = await this.askToPrepare(request, onProgress)
    const isLacking = answer.kind === 'nack' && answer.fault.code === missingContent
    // The agent has dropped what nothing needed any more; that is no reason to refuse anybody.
    return isLacking ? await this.askToPrepare(request, onProgress) : answer
  }

  commit(publishId: string, version: number, onProgress: OnProgress): Promise<NodeAnswer> {
    return this.ask({ kind: 'commit', version, blobs: new Map(), owners: [], onProgress }, (nonce) => {
      this.stream.write({ nonce, commit: { publishId, version } })
    })
  }

  abort(publishId: string): void {
    if (this.ended) return
    this.awaited.forgetPrepares()
    this.stream.write({ abort: { publishId }, nonce: '' })
  }

  hint(hint: LeaderHint): void {
    if (!this.ended) this.stream.write({ leaderHint: leaderHintToWire(hint), nonce: '' })
  }

  renewCertificate(): void {
    if (!this.ended) this.stream.write({ renewCertificate: {}, nonce: '' })
  }

  /** Everything after the Hello. */
  receive(message: AgentMessage__Output): void {
    if (this.ended) return
    this.heardMs = this.ports.clock.monotonic()
    if (message.ack) this.watch(this.onAck(message.ack))
    else if (message.nack) this.watch(this.onNack(message.nack))
    else if (message.progress) {
      const { nonce, stage, elapsedMs } = message.progress
      this.awaited.get(nonce)?.onProgress(stageFromWire(stage), elapsedMs)
    } else if (message.observation) this.onObservation(message.observation)
    else if (message.leaderReport) this.onLeaderReport(message.leaderReport)
    else if (message.certificateRequest) this.watch(this.sign(message.certificateRequest.csrPem))
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
    this.awaited.endAll()
  }

  private ask(question: Omit<Awaited, 'resolve'>, write: (nonce: string) => void): Promise<NodeAnswer> {
    if (this.ended) return Promise.resolve({ kind: 'gone' })
    return new Promise((resolve) => {
      const nonce = this.ports.newNonce()
      this.awaited.add(nonce, { ...question, resolve })
      write(nonce)
    })
  }

  private askToPrepare(request: PrepareRequest, onProgress: OnProgress): Promise<NodeAnswer> {
    const { publishId, snapshot, blobs, leaseMs, dryRun } = request
    const lacking = this.lacking(snapshot, blobs)
    const question = { kind: 'prepare', version: snapshot.version, blobs: lacking, onProgress } as const
    return this.ask({ ...question, owners: ownersOf(snapshot) }, (nonce) => {
      this.stream.write({
        nonce,
        prepare: { publishId, snapshot: snapshotToWire(snapshot, lacking), leaseMs, dryRun },
      })
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

  private async send(): Promise<void> {
    if (this.ended) return
    if (this.busy) {
      this.dirty = true
      return
    }
    this.sending = true
    this.dirty = false
    try {
      await this.sendNow()
    } finally {
      this.sending = false
    }
    this.settled()
  }

  private async sendNow(): Promise<void> {
    const { store, log } = this.ports
    const [snapshot, record] = await Promise.all([store.snapshot(this.node), store.node(this.node)])
    const decision = decideSend(snapshot, record, this.hello)
    this.note(decision, snapshot.version, record)
    if (this.ended || decision !== 'send') return
    const blobs = this.lacking(snapshot, await store.blobs(digestsOf(snapshot.assignments)))
    await this.journal.sent(snapshot.version)
    const nonce = this.ports.newNonce()
    this.awaited.add(nonce, {
      kind: 'snapshot',
      version: snapshot.version,
      blobs,
      owners: ownersOf(snapshot),
      onProgress: (...step) => this.ports.onStep(this.node, ...step),
      resolve: () => undefined,
    })
    log.info({ node: this.node, version: snapshot.version, blobs: blobs.size }, 'snapshot sent')
    this.stream.write({ nonce, snapshot: snapshotToWire(snapshot, blobs) })
  }

  private note(decision: SendDecision, version: number, record: NodeRecord): void {
    const { log } = this.ports
    if (decision === 'parked') log.info({ node: this.node, version }, 'snapshot parked')
    if (decision === 'never-assigned' && record.applied.length > 0) {
      log.warn({ node: this.node, applied: record.applied }, 'node runs what this controller never assigned')
    }
  }

  /** A Snapshot or Commit is under way. */
  private get busy(): boolean {
    return this.sending || this.awaited.applying
  }

  private settled(): void {
    if (this.dirty && !this.busy) this.push()
  }

  private onObservation(observation: Observation__Output): void {
    this.tellCertificate(this.observation?.certificate?.problem ?? '', observation.certificate?.problem ?? '')
    this.ports.authorities.observed(this.node, observation.certificate?.authorities ?? [])
    this.observation = observation
    this.ports.health.observed(this.node, observation)
    this.see(observation.leaders.map(leaderViewFromWire))
    // What is under way is answered, and the answer is newer.
    const { standing } = observation
    if (standing && !this.busy) this.watch(this.journal.stands(standing, observation))
  }

  private onLeaderReport(wire: LeaderReport__Output): void {
    const report = leaderReportFromWire(wire)
    if (report === undefined) return
    void this.ports.leaders.report(this.node, report)
    if (this.views && !report.late) this.see(viewsAfter(this.views, report))
  }

  private see(now: readonly LeaderView[]): void {
    const { views: before = [] } = this
    this.views = now
    if (changedOwners(before, now).length > 0) this.watch(this.journal.seesLeaders(now))
    void this.ports.leaders.observed(before, now)
  }

  private async onAck(told: Ack__Output): Promise<void> {
    const awaited = this.awaited.take(told.nonce)
    if (!awaited) return
    for (const digest of awaited.blobs.keys()) this.held.add(digest)
    let answer: NodeAnswer = { kind: 'gone' }
    try {
      const ack = ownAck(told, await this.ownWord(told, awaited.owners))
      answer = answerOfAck(ack)
      if (awaited.kind !== 'prepare') await this.recordApplied(awaited.version, ack, answer)
    } finally {
      awaited.resolve(answer)
    }
  }

  private async recordApplied(version: number, ack: Ack__Output, answer: NodeAnswer): Promise<void> {
    await this.journal.applied(version, ack)
    this.resentInFull = false
    await this.forgetContents(version)
    this.ports.onAnswer(this.node, version, answer)
    this.settled()
  }

  /** With nothing else to do the agent drops what the set that it has just applied does not need. */
  private async forgetContents(version: number): Promise<void> {
    if (this.awaited.size > 0) return
    const snapshot = await this.ports.store.snapshot(this.node)
    if (snapshot.version !== version || this.awaited.size > 0) return
    const needed = new Set(digestsOf(snapshot.assignments))
    this.held = new Set([...this.held].filter((digest) => needed.has(digest)))
  }

  private async onNack(told: Nack__Output): Promise<void> {
    const awaited = this.awaited.take(told.nonce)
    if (!awaited) return
    // What it was thought to hold it may not; better to send too much the next time.
    if (answerOfNack(told).fault.stage === 'receive') this.held = new Set()
    let answer: NodeAnswer = { kind: 'gone' }
    try {
      const nack = ownNack(told, await this.ownWord(told, awaited.owners))
      const said = answerOfNack(nack)
      answer = said
      const { fault } = said
      if (awaited.kind === 'snapshot') await this.onSnapshotNack(awaited.version, fault, nack)
      if (awaited.kind === 'commit' && fault.stage !== 'receive') {
        await this.recordFailure(awaited.version, fault, nack)
      }
      this.settled()
    } finally {
      awaited.resolve(answer)
    }
  }

  private async ownWord(told: Told, also: readonly Owner[]): Promise<OwnWord> {
    const own = await ownWord(this.ports.store, this.node, told, also)
    const [owner] = own.strangers
    if (owner !== undefined) this.ports.distrust(this.node, `it speaks of ${owner}, which is none of its own`)
    return own
  }

  private async onSnapshotNack(version: number, fault: Fault, nack: Nack__Output): Promise<void> {
    if (fault.code === missingContent && !this.resentInFull) {
      this.resentInFull = true
      this.dirty = true
    } else {
      await this.recordFailure(version, fault, nack)
    }
  }

  private async recordFailure(version: number, fault: Fault, nack: Nack__Output): Promise<void> {
    await this.journal.failed(version, fault, nack)
    this.ports.onAnswer(this.node, version, { kind: 'nack', fault })
  }

  /** The same problem again, with other words, is no news. */
  private tellCertificate(before: string, now: string): void {
    if (now === '' || before !== '') return
    const { store, clock, quota } = this.ports
    if (!quota.passes(this.node, 'certificate')) return
    const message = certificateProblem(now, 'the certificate of this node')
    this.watch(store.addEvents([{ atMs: clock.now(), kind: 'certificate', node: this.node, message }]))
  }

  private async sign(csrPem: string): Promise<void> {
    const { clock, log, signer } = this.ports
    const refuse = (code: string, message: string) => {
      log.warn({ node: this.node, code, reason: message }, 'certificate not renewed')
      if (!this.ended) this.stream.write({ certificate: { code, message }, nonce: '' })
    }
    if (!this.ports.mayHaveSigned(this.node)) {
      return refuse('TOO_MANY_REQUESTS', 'this node asks for certificates again and again')
    }
    try {
      const { certPem, caPem, notAfterMs } = await signer.signNode(this.node, csrPem, `node ${this.node}`)
      this.certificateEndsMs = Math.max(this.certificateEndsMs, notAfterMs)
      const until = new Date(notAfterMs).toISOString()
      const message = `the certificate of this node was renewed, until ${until}`
      await this.ports.store.addEvents([{ atMs: clock.now(), kind: 'certificate', node: this.node, message }])
      if (!this.ended) this.stream.write({ certificate: { certPem, caPem, notAfterMs }, nonce: '' })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      refuse(error.code, error.message)
    }
  }

  /** The store failed (a full disk): the stream ends, and the agent comes back to try again. */
  private watch(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.ended) return
      this.ports.log.error({ node: this.node, err: error }, 'cannot serve the agent')
      this.fail(status.INTERNAL, 'the controller failed; see its log')
    })
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

function ownersOf({ assignments, keptOwners = [] }: Snapshot): readonly Owner[] {
  return [...assignments.map(({ owner }) => owner), ...keptOwners]
}
