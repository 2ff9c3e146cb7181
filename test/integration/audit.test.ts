/** Who asked what is on record, by what the kernel and certificates say; and sockets are opened to whom they are for. */
import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { connect as connectUnix } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { credentials } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AuditRecord__Output } from '../../shared/rpc/generated/pgsvc/v1/AuditRecord.ts'
import type { RevokeNodeRequest } from '../../shared/rpc/generated/pgsvc/v1/RevokeNodeRequest.ts'
import { AdminService } from '../../shared/rpc/services.ts'
import { mintOf } from '../support/mint.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { until } from './controller-agent.ts'
import { Harness, publish } from './controller-harness.ts'

const run = promisify(execFile)
const program = join(import.meta.dirname, '../../bin/pgsvc')

let harness: Harness

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
})

afterEach(() => harness.destroy())

async function audit(): Promise<readonly AuditRecord__Output[]> {
  return new Promise((resolve, reject) =>
    harness
      .admin()
      .Audit({ limit: 1_000 }, (error, response) =>
        error ? reject(error) : resolve(response?.records ?? []),
      ),
  )
}

/** Waits for what is written down after its answer was given. */
async function recorded(isIt: (record: AuditRecord__Output) => boolean): Promise<AuditRecord__Output> {
  let found: AuditRecord__Output | undefined
  await until('the record', async () => {
    found = (await audit()).find(isIt)
    return found !== undefined
  })
  if (!found) throw new Error('found and lost')
  return found
}

interface Outcome {
  readonly status: number
  readonly text: string
}

/** As a user that is no root, of that group. */
async function as(uid: number, gid: number, ...args: readonly string[]): Promise<Outcome> {
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', program]
  try {
    const { stdout } = await run('setpriv', [...user, ...args], {
      env: { PATH: process.env.PATH, LOGNAME: 'root' },
    })
    return { status: 0, text: stdout }
  } catch (error) {
    // What promisify(execFile) rejects with.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { status: code, text: stdout + stderr }
  }
}

const nobody = 65_534
const stranger = 65_533

test("the group's socket is for the group, with the group's role, and the record has the kernel's word", async () => {
  await harness.start({
    socket_group: 'nogroup',
    socket_group_role: 'plan',
    group_socket: harness.groupSocket,
  })
  chmodSync(harness.dir, 0o755)
  await harness.visit('n5')
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n5'], 'x'))
  await publish(harness.admin(), { pattern: 'pg-a' })
  const group = `unix:${harness.groupSocket}`

  expect(await as(nobody, nobody, 'status', '--controller', group)).toMatchObject({
    text: expect.stringContaining('pg-a'),
  })
  expect(await as(nobody, nobody, 'remove', 'pg-a', '--controller', group)).toMatchObject({
    status: 1,
    text: expect.stringContaining('Remove needs the role publish; this operator has plan'),
  })
  expect((await as(nobody, nobody, 'audit', '--controller', group)).text).toContain('OPERATOR_REFUSED')
  // Whose socket it is not is stopped by the kernel.
  for (const [uid, address] of [
    [nobody, `unix:${harness.socket}`],
    [stranger, group],
  ] as const) {
    expect(await as(uid, uid, 'status', '--controller', address)).toMatchObject({
      status: 3,
      text: expect.stringContaining('EACCES'),
    })
  }

  const refused = await recorded(({ what, outcome }) => what === 'Remove' && outcome.startsWith('refused'))
  expect(refused).toMatchObject({
    who: 'uid 65534 (nobody)',
    origin: harness.groupSocket,
    detail: 'pg-a',
    outcome: 'refused: Remove needs the role publish; this operator has plan',
  })
  const published = await recorded(({ what, outcome }) => what === 'Publish' && outcome !== 'begun')
  expect(published).toMatchObject({ who: 'uid 0 (root)', origin: harness.socket, detail: 'pg-a' })
  expect(published.outcome).toBe('failed after the commit: NODE_OFFLINE')
})

test('a member of the group is in the history by its own name, and what it says of itself is marked', async () => {
  await harness.start({
    socket_group: 'nogroup',
    socket_group_role: 'publish',
    group_socket: harness.groupSocket,
  })
  await harness.visit('n5')
  const group = new AdminService(`unix:${harness.groupSocket}`, credentials.createInsecure())
  const claims = [
    [harness.admin(), 'ann'],
    [group, 'eve'],
    [group, 'root'],
  ] as const
  for (const [admin, operator] of claims) {
    harness.inventory.set('pg-a', samplePlan('pg-a', ['n5'], operator))
    await publish(admin, { pattern: 'pg-a', options: { operator } })
  }
  group.close()

  const { acts } = await new Promise<{ acts: readonly { operator: string }[] }>((resolve, reject) =>
    harness
      .admin()
      .History({ owner: 'pg-a' }, (error, answer) => (error || !answer ? reject(error) : resolve(answer))),
  )
  expect(acts.map(({ operator }) => operator)).toEqual(['root', 'root (says eve)', 'ann'])
})

test('one user has some connections to the socket of a group, and others come in beside', async () => {
  await harness.start({ socket_group: 'nogroup', group_socket: harness.groupSocket })
  const sockets = Array.from({ length: 70 }, () => connectUnix(harness.groupSocket))
  const isOpen = () => sockets.filter((socket) => !socket.destroyed).length
  for (const socket of sockets) socket.on('error', () => undefined).resume()

  // All are root's here; the kernel lets root open any socket.
  await until('the rest to end', () => isOpen() === 16, 30_000)
  for (const socket of sockets) socket.destroy()
  chmodSync(harness.dir, 0o755)
  expect(await as(nobody, nobody, 'status', '--controller', `unix:${harness.groupSocket}`)).toMatchObject({
    status: 0,
  })
})

test('what a caller says of itself is marked as its word', async () => {
  await harness.start()
  const ann = mintOf(harness.path('pki')).issue({ kind: 'operator', name: 'ann', role: 'publish' })
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n5'], 'x'))

  await publish(harness.admin(ann), { pattern: 'pg-a', options: { operator: 'root' } })

  const record = await recorded(({ what, outcome }) => what === 'Publish' && outcome !== 'begun')
  expect(record).toMatchObject({ who: 'operator ann', claimed: 'root', origin: '127.0.0.1' })
})

test('a look at what would be done is not taken for an act', async () => {
  await harness.start()
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n5'], 'x'))

  await publish(harness.admin(), { pattern: 'pg-a', options: { check: true, operator: 'root' } })

  expect(await recorded(({ what }) => what === 'Publish')).toMatchObject({ detail: 'pg-a --check' })
})

test('a name of which no certificate is known is taken for a slip, unless the caller says that it is none', async () => {
  await harness.start()
  const revoke = (request: RevokeNodeRequest) =>
    new Promise<string>((resolve) =>
      harness.admin().RevokeNode(request, (error) => resolve(error?.details ?? 'revoked')),
    )

  expect(await revoke({ node: 'n1' })).toMatch(/^NAME_UNKNOWN: .* of node n1 .*--unseen/s)
  expect(await revoke({ node: 'n1', unseen: true })).toBe('revoked')
})

test('signing and withdrawing are on record, with how they came out', async () => {
  await harness.start()
  const csrPem = 'no request at all, with a secret in it'
  await new Promise((resolve) => harness.admin().SignNode({ node: 'n1', csrPem }, resolve))
  await new Promise((resolve) => harness.admin().RevokeNode({ node: 'n1', unseen: true }, resolve))

  const signing = await recorded(({ what, outcome }) => what === 'SignNode' && outcome !== 'begun')
  const revoking = await recorded(({ what, outcome }) => what === 'RevokeNode' && outcome !== 'begun')

  expect(signing).toMatchObject({ detail: 'n1', outcome: expect.stringMatching(/^failed: REQUEST_INVALID/) })
  expect(revoking).toMatchObject({ detail: 'n1', outcome: 'ok' })
  expect(JSON.stringify(await audit())).not.toContain('secret')
})

test('who knocks without being let in is on record once, and counted', async () => {
  await harness.start()
  await harness.authority('foreign')
  const foreign = mintOf(harness.path('foreign'), harness.path('pki')).issue({ kind: 'node', name: 'n1' })
  for (let times = 0; times < 12; times += 1) await knock(foreign)

  const record = await recorded(({ what, times }) => what === 'handshake' && times === 12)

  expect(record).toMatchObject({ who: 'nobody', origin: '127.0.0.1' })
  expect((await audit()).filter(({ what }) => what === 'handshake')).toHaveLength(1)
})

function knock({ ca, cert, key }: { ca: Buffer; cert: Buffer; key: Buffer }): Promise<void> {
  return new Promise((resolve) => {
    const to = {
      host: '127.0.0.1',
      port: harness.port,
      servername: 'pgsvc-controller',
      ALPNProtocols: ['h2'],
    }
    const socket = connect({ ...to, ca, cert, key })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

test('pgsvc audit shows it, in columns and as JSON', async () => {
  await harness.start()
  await new Promise((resolve) => harness.admin().RevokeNode({ node: 'n1', unseen: true }, resolve))
  await recorded(({ what, outcome }) => what === 'RevokeNode' && outcome === 'ok')
  const audited = async (...args: readonly string[]) =>
    (await run(program, ['audit', '--controller', `unix:${harness.socket}`, ...args])).stdout

  expect(await audited('--since', '1h')).toMatch(/Z {2}uid 0 \(root\) {2}.* {2}RevokeNode n1 .*ok\n/)
  const [first] = (await audited('--json', '--since', '1h')).split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ what: 'RevokeNode', who: 'uid 0 (root)', detail: 'n1' })
  expect(await audited('--since', '2999-01-01')).toBe('nothing is on record\n')
})

test('the record outlives the controller', async () => {
  await harness.start()
  await new Promise((resolve) => harness.admin().RevokeNode({ node: 'n1', unseen: true }, resolve))
  await recorded(({ what, outcome }) => what === 'RevokeNode' && outcome === 'ok')
  await harness.stop()
  await harness.start()

  expect((await audit()).map(({ what, outcome }) => `${what} ${outcome}`)).toContain('RevokeNode ok')
})
