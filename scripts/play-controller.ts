/**
 * A controller that only plays: it answers every publish with one good node. The build lets `pgsql-svc` talk to
 * it, so that the code cache holds what a real call runs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type handleServerStreamingCall, Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import type { AdminServiceHandlers } from '../shared/rpc/generated/pgsvc/v1/AdminService.ts'
import type { PublishEvent } from '../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { AdminService } from '../shared/rpc/services.ts'

const node = '10.10.10.11'
const events: readonly PublishEvent[] = [
  { targets: { publishId: 'play', owners: [{ owner: 'pg-test', nodes: [node] }] } },
  { progress: { node, stage: 'STAGE_VALIDATE', elapsedMs: 1 } },
  { committed: { revisions: [{ owner: 'pg-test', revision: 1, created: true }] } },
  { node: { node, outcome: 'NODE_OUTCOME_RELOADED', timings: { reloadMs: 1 }, reasons: ['changed'] } },
  { result: { ok: true, committed: true } },
]

export interface PlayController {
  /** `unix:/...`, in a directory of its own. */
  readonly address: string
  /** Ends it and removes the directory. */
  stop(): void
}

export async function startPlayController(): Promise<PlayController> {
  const directory = mkdtempSync(join(tmpdir(), 'pgsvc-build-'))
  const address = `unix:${join(directory, 'play.sock')}`
  const play: handleServerStreamingCall<unknown, PublishEvent> = (call) => {
    for (const event of events) call.write(event)
    call.end()
  }
  const empty = (_call: unknown, callback: sendUnaryData<object>) => callback(null, {})
  const handlers: AdminServiceHandlers = {
    Publish: play,
    PublishNode: play,
    Rollback: play,
    Remove: play,
    Forget: empty,
    Status: empty,
    History: empty,
    Leaders: empty,
    Events: (call) => call.end(),
    SignNode: empty,
    RevokeNode: empty,
    RevokeOperator: empty,
    Renew: empty,
    Certificates: empty,
    Audit: empty,
    Relay: (call) => call.end(),
  }
  const server = new Server()
  server.addService(AdminService.service, handlers)
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  )
  const stop = () => {
    server.forceShutdown()
    rmSync(directory, { recursive: true, force: true })
  }
  return { address, stop }
}
