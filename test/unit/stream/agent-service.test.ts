/** The door of the agents' service, with a call that is no connection. */
import { X509Certificate } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import { agentService } from '../../../controller/stream/agent-service.ts'
import { createSessionHub } from '../../../controller/stream/session-hub.ts'
import { createAuditLog } from '../../../controller/trust/audit-log.ts'
import { openCertificateBook } from '../../../controller/trust/certificate-book.ts'
import { createGuestBook } from '../../../controller/trust/guest-book.ts'
import { createLogger } from '../../../shared/log/logger.ts'
import { deafPorts } from '../../support/deaf-ports.ts'
import { mintOf } from '../../support/mint.ts'

let dir: string
let store: Store

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-door-'))
  store = openStore(join(dir, 'pgsvc.db'))
  initAuthority(join(dir, 'pki'), Date.now())
})

afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true })
})

class FakeCall extends EventEmitter {
  readonly cancelled = false
  readonly writableEnded = false
  readonly ends: unknown[] = []
  private readonly shown: object

  constructor(certificate: X509Certificate) {
    super()
    this.shown = { subjectaltname: certificate.subjectAltName, raw: certificate.raw }
    this.on('error', (error: unknown) => this.ends.push(error))
  }

  getAuthContext() {
    return { sslPeerCertificate: this.shown }
  }

  getPeer(): string {
    return '10.10.10.11:5'
  }

  write(): boolean {
    return true
  }

  end(): void {}
}

test('a stream that says more than it may is ended, however little time goes by', async () => {
  const clock = { now: () => Date.now(), monotonic: () => 0, sleep: () => new Promise<void>(() => undefined) }
  const log = createLogger('test', 'silent')
  const ports = { store, clock, log, newNonce: () => 'n', heartbeatMs: 1, silenceMs: 3, ...deafPorts }
  const service = agentService(createSessionHub(ports), {
    ...{
      heartbeatMs: 1,
      silenceMs: 3,
      log,
      clock,
      guests: createGuestBook(),
      turnedAway: { refused: () => undefined },
    },
    book: await openCertificateBook(store.trust, () => undefined),
    audit: createAuditLog(store.trust, clock, log),
    messages: { atOnce: 3, perSecond: 500 },
  })
  const { cert } = mintOf(join(dir, 'pki')).issue({ kind: 'node', name: 'n1' })
  const call = new FakeCall(new X509Certificate(cert))
  // Of the call only what stands in FakeCall is used.
  service.Connect(call as unknown as Parameters<typeof service.Connect>[0])
  const versions = { agentVersion: '1', haproxyVersion: '2.6.12', layout: 'conf.d', lastFailed: null }
  const hello = {
    ...versions,
    node: 'n1',
    applied: [],
    heldDigests: [],
    bootId: 'b',
    failedVersion: 0,
    appliedVersion: 0,
  }

  call.emit('data', { hello })
  for (const _ of [2, 3]) call.emit('data', { heartbeat: {} })
  expect(call.ends).toEqual([])
  call.emit('data', { heartbeat: {} })

  expect(call.ends).toEqual([{ code: 8, details: 'too many messages' }])
  call.emit('close')
})
