/** A small agent for tests of the controller: speaks the protocol, applies nothing, remembers what it was told. */
import { type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import {
  type LeaderHint,
  type LeaderReport,
  type LeaderView,
  noTimings,
  unknownTimeline,
} from '../../shared/model/leader.ts'
import { leaderHintFromWire, leaderReportToWire, leaderViewToWire } from '../../shared/rpc/convert-leader.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { ControllerMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'
import type { Fault } from '../../shared/rpc/generated/pgsvc/v1/Fault.ts'
import type { Hello } from '../../shared/rpc/generated/pgsvc/v1/Hello.ts'
import type { SignedCertificate__Output } from '../../shared/rpc/generated/pgsvc/v1/SignedCertificate.ts'
import type { Snapshot__Output } from '../../shared/rpc/generated/pgsvc/v1/Snapshot.ts'
import { AgentService } from '../../shared/rpc/services.ts'

export interface Pem {
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

/** What the agent answers; undefined for no answer at all. */
export type Reply = 'ack' | 'same' | Fault | undefined

export interface Behaviour {
  prepare?: (snapshot: Snapshot__Output) => Reply
  snapshot?: (snapshot: Snapshot__Output) => Reply
  commit?: () => Reply | Promise<Reply>
}

export const controllerNameOverride = {
  'grpc.ssl_target_name_override': 'pgsvc-controller',
  'grpc.default_authority': 'pgsvc-controller',
  'grpc.use_local_subchannel_pool': 1,
}

export class TestAgent {
  /** One entry per message: `snapshot v1 pg-test@1`, `prepare v2 ...`, `commit v2`, `abort`. */
  readonly heard: string[] = []
  readonly blobs = new Set<string>()
  readonly hints: LeaderHint[] = []
  /** Of the last snapshot or preparation, by owner. */
  leaders: Readonly<Record<string, string>> = {}
  heartbeats = 0
  /** Codes of why there was no certificate. */
  readonly refusals: string[] = []
  /** What came for its requests. */
  readonly signed: SignedCertificate__Output[] = []
  /** Set when the stream is over. */
  ended: { code: number; details: string } | undefined
  behaviour: Behaviour = {}
  private readonly client: InstanceType<typeof AgentService>
  private readonly stream: ClientDuplexStream<AgentMessage, ControllerMessage__Output>
  private prepared: Snapshot__Output | undefined
  private preparedNonce = ''

  constructor(port: number, pem: Pem, hello: Hello, behaviour: Behaviour = {}) {
    this.behaviour = behaviour
    this.client = new AgentService(
      `127.0.0.1:${port}`,
      credentials.createSsl(pem.ca, pem.key, pem.cert),
      controllerNameOverride,
    )
    this.stream = this.client.Connect()
    this.stream.on('data', (message: ControllerMessage__Output) => this.receive(message))
    this.stream.on('error', (error: Error & { code: number; details: string }) => {
      this.ended ??= { code: error.code, details: error.details }
    })
    this.stream.on('end', () => {
      this.ended ??= { code: 0, details: '' }
    })
    this.stream.write({ hello: { bootId: 'boot', agentVersion: '0', haproxyVersion: '2.6.12', ...hello } })
  }

  send(message: AgentMessage): void {
    this.stream.write(message)
  }

  report(report: Partial<LeaderReport> & Pick<LeaderReport, 'owner' | 'step'>): void {
    const rest = { leader: '', before: '', atMs: 1, source: 'patroni', held: undefined }
    const timings = report.step === 'moved' ? { ...noTimings, moveMs: 3_000 } : noTimings
    this.send({
      leaderReport: leaderReportToWire({ ...rest, timings, timeline: unknownTimeline, ...report }),
    })
  }

  /** Acknowledges the preparation that it had left without an answer. */
  answerLate(): void {
    if (this.prepared) this.answer(this.preparedNonce, this.prepared, true, 'ack')
  }

  /** Says how it stands, all else being well. */
  observe(leaders: readonly LeaderView[]): void {
    this.send({
      observation: { haproxyRunning: true, servingApplied: true, leaders: leaders.map(leaderViewToWire) },
    })
  }

  close(): void {
    this.stream.cancel()
    this.client.close()
  }

  private receive(message: ControllerMessage__Output): void {
    const { nonce } = message
    if (message.welcome) this.heard.push(`welcome ${message.welcome.node}`)
    if (message.heartbeat) this.heartbeats += 1
    if (message.certificate) {
      this.refusals.push(message.certificate.code)
      this.signed.push(message.certificate)
    }
    if (message.abort) this.heard.push('abort')
    if (message.leaderHint) this.hints.push(leaderHintFromWire(message.leaderHint))
    if (message.snapshot) {
      this.hear('snapshot', message.snapshot)
      this.answer(
        nonce,
        message.snapshot,
        false,
        (this.behaviour.snapshot ?? (() => 'ack'))(message.snapshot),
      )
    }
    if (message.prepare?.snapshot) {
      const { snapshot, dryRun } = message.prepare
      this.hear(dryRun ? 'dry' : 'prepare', snapshot)
      this.prepared = snapshot
      this.preparedNonce = nonce
      this.answer(nonce, snapshot, true, (this.behaviour.prepare ?? (() => 'ack'))(snapshot))
    }
    if (message.commit) {
      this.heard.push(`commit v${message.commit.version}`)
      const { prepared } = this
      if (prepared) void this.committed(nonce, prepared)
    }
  }

  private async committed(nonce: string, prepared: Snapshot__Output): Promise<void> {
    this.answer(nonce, prepared, false, await (this.behaviour.commit ?? (() => 'ack'))())
  }

  private hear(what: string, { version, assignments, blobs }: Snapshot__Output): void {
    const owners = assignments.map(({ owner, revision }) => `${owner}@${revision}`)
    this.heard.push([what, `v${version}`, ...owners].join(' '))
    for (const { digest } of blobs) this.blobs.add(digest)
    this.leaders = Object.fromEntries(assignments.map(({ owner, leader }) => [owner, leader]))
  }

  private answer(nonce: string, snapshot: Snapshot__Output, prepared: boolean, reply: Reply): void {
    if (reply === undefined) return
    const { version, assignments, keptOwners } = snapshot
    const kept = keptOwners.map((owner) => ({ owner, revision: 1, leader: '' }))
    const applied = [
      ...assignments.map(({ owner, revision, leader }) => ({ owner, revision, leader })),
      ...kept,
    ]
    if (reply === 'ack' || reply === 'same') {
      const change = reply === 'same' ? 'CHANGE_NONE' : 'CHANGE_RELOAD'
      this.stream.write({ ack: { nonce, version, prepared, change, applied: prepared ? [] : applied } })
    } else {
      this.stream.write({ nack: { nonce, version, prepared, fault: reply } })
    }
  }
}

/** Waits until `condition` holds. @throws Error with `what` after about `ms` */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 20_000,
): Promise<void> {
  for (let tries = 0; tries < ms / 10; tries += 1) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`waited in vain: ${what}`)
}
