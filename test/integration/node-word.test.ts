/** What a node says that was taken over: of clusters that are none of its own, and more than anybody can hold. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AppliedOwner } from '../../shared/rpc/generated/pgsvc/v1/AppliedOwner.ts'
import type { Event__Output } from '../../shared/rpc/generated/pgsvc/v1/Event.ts'
import type { QuarantinedOwner } from '../../shared/rpc/generated/pgsvc/v1/QuarantinedOwner.ts'
import type { StatusResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'
import { mintOf } from '../support/mint.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { type TestAgent, until } from './controller-agent.ts'
import { Harness, publish, summary } from './controller-harness.ts'

let harness: Harness
let stolen: TestAgent
let other: TestAgent

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  await harness.start()
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'x'))
  harness.inventory.set('pg-other', samplePlan('pg-other', ['n2'], 'y'))
  stolen = agentOf('n1')
  other = agentOf('n2')
  await until('both', () => stolen.heard.length > 0 && other.heard.length > 0)
  expect(summary(await publish(harness.admin(), { pattern: 'pg-a,pg-other' }))).toMatchObject({ ok: true })
})

afterEach(() => harness.destroy())

const agentOf = (node: string, hello: object = {}) =>
  harness.agent(node, mintOf(harness.path('pki')).issue({ kind: 'node', name: node }), {}, hello)

const fault = (code: string, message = 'm') => ({ stage: 'STAGE_VALIDATE', code, message }) as const

/** Says that it could not take some of what it was assigned last. */
async function stand(quarantined: readonly QuarantinedOwner[], applied: AppliedOwner[] = []): Promise<void> {
  const appliedVersion = (await status()).nodes.find(({ node }) => node === 'n1')?.wantedVersion ?? 0
  const standing = { appliedVersion, failedVersion: 0, applied, quarantined: [...quarantined] }
  stolen.send({ observation: { haproxyRunning: true, servingApplied: true, standing } })
}

async function status(): Promise<StatusResponse__Output> {
  return await new Promise((resolve, reject) =>
    harness.admin().Status({}, (error, answer) => (error || !answer ? reject(error) : resolve(answer))),
  )
}

async function events(names: readonly string[] = []): Promise<readonly Event__Output[]> {
  const found: Event__Output[] = []
  for await (const event of harness.admin().Events({ names: [...names], limit: 10_000 })) found.push(event)
  return found
}

test('a node writes nothing into the events of a cluster that it is not assigned, and that it tried is told', async () => {
  await stand([
    { owner: 'pg-other', revision: 1, fault: fault('LIE') },
    { owner: 'pg-a', revision: 1, fault: fault('TRUE') },
  ])

  await until('its own', async () => (await events(['pg-a'])).some(({ message }) => message.includes('TRUE')))
  expect((await events()).filter(({ message }) => message.includes('LIE'))).toEqual([])
  expect((await events(['pg-other'])).filter(({ node }) => node === 'n1')).toEqual([])
  expect((await events(['n1'])).filter(({ kind }) => kind === 'refused')).toHaveLength(1)
})

test('a node that says at its Hello that it runs what is not its own keeps that, and has no say about it', async () => {
  stolen.close()
  await until('its end', async () =>
    (await status()).nodes.some(({ node, connected }) => node === 'n1' && !connected),
  )
  const applied = ['pg-a', 'pg-other'].map((owner) => ({ owner, revision: 1, leader: '' }))
  stolen = agentOf('n1', { applied, appliedVersion: 1 })
  await until('a snapshot', () => stolen.heard.length > 0)
  const words = [
    { owner: 'pg-other', revision: 1, fault: fault('LIE') },
    { owner: 'pg-a', revision: 1, fault: fault('TRUE') },
  ]
  await stand(words, applied)
  await until('its own', async () => (await events(['pg-a'])).some(({ message }) => message.includes('TRUE')))

  const { nodes, owners } = await status()

  expect(nodes.find(({ node }) => node === 'n1')?.problems).toContain(
    'runs pg-other, which was never published to it from here',
  )
  expect(owners.find(({ owner }) => owner === 'pg-other')?.nodes.map(({ node }) => node)).toEqual(['n2'])
  expect((await events()).filter(({ message }) => message.includes('LIE'))).toEqual([])
  expect((await events(['n1'])).filter(({ kind }) => kind === 'refused')).toEqual([])
})

test('a node takes no cluster out of a publish that is not for it', async () => {
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'x2'))
  harness.inventory.set('pg-other', samplePlan('pg-other', ['n2'], 'y2'))
  stolen.behaviour = { prepare: () => ({ ...fault('LIE'), owner: 'pg-other' }) }

  const result = await publish(harness.admin(), { pattern: 'pg-a,pg-other' })

  expect(summary(result).nodes).toContain('n2 reloaded')
  expect(other.heard.at(-1)).toMatch(/^commit/)
})

test('what a node says is cut before it is kept', async () => {
  const before = stateBytes()
  for (let count = 0; count < 10; count += 1) {
    await stand([{ owner: 'pg-a', revision: 1, fault: fault(`C${count}`, 'M'.repeat(1024 * 1024)) }])
  }

  await until('the last', async () => (await events(['pg-a'])).some(({ message }) => message.includes('C9')))
  expect(stateBytes() - before).toBeLessThan(8 * 1024 * 1024)
  const longest = (await events(['pg-a'])).map(({ message }) => message.length)
  expect(Math.max(...longest)).toBeLessThan(2_000)
})

test('a node does not push what others did out of the events', { timeout: 120_000 }, async () => {
  const own = { owner: 'pg-a', revision: 1 }
  for (let count = 0; count < 1_500; count += 1) await stand([{ ...own, fault: fault(`D${count}`) }])
  await stand([{ ...own, fault: fault('LAST') }])

  await until('all is heard', async () => quarantined(await status()).includes('LAST'), 60_000)
  const kept = await events()
  expect(kept.filter(({ kind }) => kind === 'quarantined').length).toBeLessThanOrEqual(1_000)
  expect(kept.some(({ kind, owner }) => kind === 'publish' && owner === 'pg-other')).toBe(true)
})

const quarantined = ({ nodes }: StatusResponse__Output) =>
  nodes.flatMap((node) => node.quarantined.map(({ fault: why }) => why?.code))

test('an observation that is more than a node has to say ends its stream, and status answers everybody', {
  timeout: 60_000,
}, async () => {
  const servicesDown = Array.from({ length: 4_000_000 }, () => 'a')

  stolen.send({ observation: { haproxyRunning: true, servingApplied: true, servicesDown } })

  await until('its end', () => stolen.ended !== undefined, 45_000)
  expect(stolen.ended?.code).toBe(8)
  expect(stolen.ended?.details).toMatch(/^this is more than a node has to say: a message of \d+ bytes/)
  expect((await status()).nodes.map(({ node }) => node)).toEqual(['n1', 'n2'])
  expect((await events(['n1'])).filter(({ kind }) => kind === 'refused')).toHaveLength(1)
})

test('a list that is longer than a node needs is named', async () => {
  const servicesDown = Array.from({ length: 5_001 }, (_, index) => `s${index}`)

  stolen.send({ observation: { haproxyRunning: true, servingApplied: true, servicesDown } })

  await until('its end', () => stolen.ended !== undefined)
  expect(stolen.ended).toEqual({
    code: 8,
    details: 'this is more than a node has to say: servicesDown has 5001 entries, and 5000 are the most',
  })
})

test('a Hello with a version that is none is refused, and leaves nothing in the status', async () => {
  const odd = agentOf('n3', { agentVersion: 'v'.repeat(2 << 20) })

  await until('its end', () => odd.ended !== undefined)

  expect(odd.ended?.details).toContain('agentVersion has 2097152 characters, and 100 are the most')
  expect((await status()).nodes.map(({ node }) => node)).toEqual(['n1', 'n2'])
})

function stateBytes(): number {
  const dir = harness.path('state')
  return readdirSync(dir).reduce((sum, file) => sum + statSync(join(dir, file)).size, 0)
}
