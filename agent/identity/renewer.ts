/**
 * Renews the node's certificate, over the open stream, before it ends: a new key, a request to the controller, a trial
 * of what comes back on a second connection, and only then the exchange on disk. The stream stays as it is.
 *
 * Whatever fails, the pair in place stays, and it is tried again: after a minute, and then slower and slower.
 */
import { describeError } from '../../shared/errors/app-error.ts'
import type { Logger } from '../../shared/log/logger.ts'
import { type OnLeft, pairIsLeft } from '../../shared/pki/pair-files.ts'
import { renewalDueMs, renewalRetryMs } from '../../shared/pki/renewal-time.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { AgentMessage } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import type { SignedCertificate__Output } from '../../shared/rpc/generated/pgsvc/v1/SignedCertificate.ts'
import { type Believed, nobody, readBelieved } from './believed.ts'
import { type OwnCertificate, readOwnCertificate } from './own-certificate.ts'
import { type RenewalOptions, type RenewalPorts, renewOnce } from './renew-once.ts'

/** How the certificate stands, for status and metrics. */
export interface CertificateStanding {
  readonly serial: string
  readonly notAfterMs: number
  /** When the authority of it ends; 0 when it is not among those that are believed. */
  readonly authorityNotAfterMs: number
  /** SHA-256 fingerprints of the authorities that are believed. */
  readonly authorities: readonly string[]
  /** Why the last attempt to renew it failed, or the next one would; '' when neither. */
  readonly problem: string
  /** Since the start of the agent. */
  readonly renewed: number
  readonly failed: number
}

/** What the session needs of it. */
export interface IdentityChannel {
  /** @param address - of the controller at the other end, host:port */
  attach(send: (message: AgentMessage) => void, address: string): void
  detach(): void
  answered(answer: SignedCertificate__Output): void
  /** The controller wants a new certificate to be asked for. */
  renewNow(): void
}

export interface Renewer extends IdentityChannel {
  /** undefined as long as there is no certificate that can be read. */
  standing(): CertificateStanding | undefined
  /** Until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

export interface RenewerPorts {
  readonly files: Files
  readonly clock: Clock
  readonly log: Logger
  /** In [0, 1). */
  readonly random: () => number
  readonly probe: RenewalPorts['probe']
}

/** The file may be replaced by others, and clocks are put right: so the time is not slept through. */
const lookEveryMs = 30_000

export function createRenewer(ports: RenewerPorts, options: RenewalOptions): Renewer {
  return new StreamRenewer(ports, options)
}

interface Link {
  readonly send: (message: AgentMessage) => void
  readonly address: string
}

class StreamRenewer implements Renewer {
  private readonly ports: RenewerPorts
  private readonly options: RenewalOptions
  private link: Link | undefined
  private own: OwnCertificate | undefined
  private believed: Believed = nobody
  private due: { readonly serial: string; readonly atMs: number } | undefined
  private failures = 0
  private retryAtMs = 0
  private problem = ''
  /** Why the authorities in place cannot be read; '' when they can. */
  private unreadable = ''
  private renewed = 0
  private failed = 0
  private isWanted = false
  private wake: () => void = () => undefined
  private onAnswer: (answer: SignedCertificate__Output | undefined) => void = () => undefined

  constructor(ports: RenewerPorts, options: RenewalOptions) {
    this.ports = ports
    this.options = options
  }

  attach(send: Link['send'], address: string): void {
    this.link = { send, address }
    // What failed may have had to do with the controller of before.
    this.retryAtMs = Math.min(this.retryAtMs, this.ports.clock.now() + soonMs)
    this.wake()
  }

  detach(): void {
    this.link = undefined
    this.onAnswer(undefined)
  }

  answered(answer: SignedCertificate__Output): void {
    this.onAnswer(answer)
  }

  renewNow(): void {
    this.isWanted = true
    this.retryAtMs = 0
    this.wake()
  }

  standing(): CertificateStanding | undefined {
    if (!this.own) return undefined
    const { serial, notAfterMs } = this.own
    const { authorityNotAfterMs, fingerprints: authorities } = this.believed
    const life = { serial, notAfterMs, authorityNotAfterMs, authorities }
    return { ...life, problem: this.problem || this.unreadable, renewed: this.renewed, failed: this.failed }
  }

  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.onAnswer(undefined)
    signal.addEventListener('abort', stop, { once: true })
    while (!signal.aborted) {
      await this.look()
      if (this.isDue()) await this.renew(signal)
      await this.nap(signal)
    }
    signal.removeEventListener('abort', stop)
  }

  private async look(): Promise<void> {
    const { files, log } = this.ports
    const { cert, ca } = this.options.paths
    this.own = await readOwnCertificate(files, cert)
    const before = this.believed.fingerprints
    await this.lookWhomToBelieve()
    const now = this.believed.fingerprints
    // Whoever they are believes whom they like: on record on the node too, where no controller can take it back.
    if (before.length === 0 && now.length > 0)
      log.info({ authorities: now, file: ca }, 'authorities believed')
    else if (before.join() !== now.join())
      log.warn({ before, authorities: now, file: ca }, 'the authorities that this node believes have changed')
    if (!this.own || this.due?.serial === this.own.serial) return
    // A certificate is its own: jitter is drawn once for each.
    this.due = { serial: this.own.serial, atMs: renewalDueMs(this.own, this.ports.random()) }
  }

  private async lookWhomToBelieve(): Promise<void> {
    const { files, log } = this.ports
    const { cert, ca } = this.options.paths
    try {
      this.believed = await readBelieved(files, ca, cert)
      // What failed for that reason need not wait longer.
      if (this.unreadable !== '') this.retryAtMs = 0
      this.unreadable = ''
    } catch (error) {
      const reason = describeError(error).replaceAll(/\s*\n\s*/g, '; ')
      if (reason !== this.unreadable)
        log.warn({ reason, file: ca }, 'the authorities in place cannot be read; those of before go on')
      this.unreadable = reason
    }
  }

  private isDue(): boolean {
    if (!this.own || !this.due || !this.link) return false
    const nowMs = this.ports.clock.now()
    return nowMs >= this.retryAtMs && (this.isWanted || nowMs >= this.due.atMs)
  }

  private async renew(signal: AbortSignal): Promise<void> {
    const { link } = this
    if (!link) return
    const wasWanted = this.isWanted
    this.isWanted = false
    const { files, clock, log, random, probe } = this.ports
    const onLeft: OnLeft = (path, err) => log.warn({ path, err }, pairIsLeft)
    const ask = (csrPem: string) => this.ask(link, csrPem, signal)
    const outcome = await renewOnce({ files, clock, onLeft, ask, probe }, this.options, link.address)
    if (outcome.kind === 'renewed') {
      this.failures = 0
      this.retryAtMs = 0
      this.problem = ''
      this.renewed += 1
      await this.look()
      log.info({ serial: this.own?.serial, until: isoOf(this.own?.notAfterMs) }, 'certificate renewed')
      return
    }
    if (signal.aborted) return
    this.isWanted ||= wasWanted
    this.failures += 1
    this.failed += 1
    this.problem = `${outcome.code}: ${outcome.message}`
    this.retryAtMs = clock.now() + renewalRetryMs(this.failures, random())
    log.warn({ reason: this.problem, again: isoOf(this.retryAtMs) }, 'certificate not renewed')
  }

  /** @returns undefined when there is no answer, in time or at all */
  private async ask(
    { send }: Link,
    csrPem: string,
    signal: AbortSignal,
  ): Promise<SignedCertificate__Output | undefined> {
    const over = new AbortController()
    const { promise, resolve } = Promise.withResolvers<SignedCertificate__Output | undefined>()
    this.onAnswer = resolve
    send({ certificateRequest: { csrPem } })
    void this.ports.clock
      .sleep(answerMs, AbortSignal.any([over.signal, signal]))
      .then(() => resolve(undefined))
    const answer = await promise
    over.abort()
    this.onAnswer = () => undefined
    return answer
  }

  private async nap(signal: AbortSignal): Promise<void> {
    const awake = new AbortController()
    this.wake = () => awake.abort()
    if (this.isDue()) return
    await this.ports.clock.sleep(lookEveryMs, AbortSignal.any([awake.signal, signal]))
  }
}

const answerMs = 30_000
const soonMs = 5_000

function isoOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
