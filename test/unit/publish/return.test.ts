import { afterEach, beforeEach, expect, test } from 'vitest'
import { samplePlan } from '../store/sample.ts'
import { ack, Bench, nack, summary } from './bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench('n1', 'n2', 'n3')
})

afterEach(() => bench.destroy())

async function publish(body: string, nodes = ['n1', 'n2']): Promise<void> {
  bench.inventory.set('pg-a', samplePlan('pg-a', nodes, body))
  await bench.publish('pg-a')
}

const rollback = (owner: string, revision: number) =>
  bench.act((how, emit) => bench.publisher.rollback(owner, revision, how, emit, new AbortController().signal))

const remove = (owner: string, nodes: readonly string[]) =>
  bench.act((how, emit) => bench.publisher.remove(owner, nodes, how, emit, new AbortController().signal))

test('a rollback goes to the revision before the newest assigned', async () => {
  await publish('one')
  await publish('two')

  const events = await rollback('pg-a', 0)

  expect(summary(events)).toMatchObject({ ok: true, committed: true })
  expect(await bench.assigned()).toEqual({ n1: 'v3 pg-a@1', n2: 'v3 pg-a@1', n3: 'v0' })
  expect((await bench.store.acts('pg-a', 1))[0]).toMatchObject({
    kind: 'rollback',
    revision: 1,
    outcome: 'done',
  })
})

test('a rollback can go forward again', async () => {
  await publish('one')
  await publish('two')
  await rollback('pg-a', 1)

  await rollback('pg-a', 2)

  expect((await bench.assigned()).n1).toBe('v4 pg-a@2')
})

test('a rollback brings back a node that the newer revision had dropped', async () => {
  await publish('one', ['n1', 'n2'])
  await publish('two', ['n1'])

  await rollback('pg-a', 1)

  expect((await bench.assigned()).n2).toBe('v3 pg-a@1')
})

test('a rollback does not reach a node that never had the revision', async () => {
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'one'))
  await bench.publish('pg-a', { nodes: ['n1'] })
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'two'))
  await bench.publish('pg-a', { nodes: ['n1'] })

  await rollback('pg-a', 0)

  expect(await bench.assigned()).toEqual({ n1: 'v3 pg-a@1', n2: 'v0', n3: 'v0' })
})

test.each([
  ['pg-a', 7, 'REVISION_UNKNOWN', 'it has @1'],
  ['pg-a', 0, 'REVISION_UNKNOWN', 'it has @1'],
  ['pg-x', 1, 'OWNER_UNKNOWN', 'published: pg-a'],
])('a rollback of %s to %i is an error with the right names', async (owner, revision, code, hint) => {
  await publish('one')

  const events = await rollback(owner, revision)

  expect(events.at(-1)).toMatchObject({ result: { ok: false, committed: false, errors: [{ code, hint }] } })
})

test('a removal ends the assignments and the nodes get a snapshot without the owner', async () => {
  await publish('one')

  const events = await remove('pg-a', [])

  expect(summary(events)).toMatchObject({ ok: true, committed: true })
  expect(await bench.assigned()).toEqual({ n1: 'v2', n2: 'v2', n3: 'v0' })
  expect(bench.node('n1').heard.slice(-2)).toEqual(['prepare v2', 'commit v2'])
})

test('after a removal a rollback without a number brings the newest revision back', async () => {
  await publish('one')
  await publish('two')
  await remove('pg-a', [])

  await rollback('pg-a', 0)

  expect((await bench.assigned()).n1).toBe('v4 pg-a@2')
})

test('what a node keeps from before this database is taken away by a removal, and by nothing else', async () => {
  await publish('one', ['n1'])
  const kept = ['pg-a', 'pg-old'].map((owner) => ({ owner, revision: 4, leader: '' }))
  await bench.store.recordNode('n2', { applied: kept })
  const keeps = async () => (await bench.store.snapshot('n2')).keptOwners
  bench.node('n2').onPrepare = () => {
    const would = ack()
    return would.kind === 'ack' ? { ...would, change: 'reload', filesToWrite: 1 } : would
  }
  expect(await keeps()).toEqual(['pg-a', 'pg-old'])

  expect(summary(await remove('pg-old', []))).toMatchObject({ ok: true, nodes: ['n2 reloaded'] })
  expect(await keeps()).toEqual(['pg-a'])
  expect(summary(await remove('pg-a', ['n2']))).toMatchObject({ ok: true, nodes: ['n2 reloaded'] })

  expect(await keeps()).toEqual([])
  expect((await bench.assigned()).n1).toBe('v1 pg-a@1')
})

test.each(['offline', 'refusing'])(
  'what a node keeps is taken away when it is back, if it was %s',
  async (how) => {
    const node = bench.node('n2')
    for (const name of ['n1', 'n2']) {
      await bench.store.recordNode(name, { applied: [{ owner: 'pg-old', revision: 4, leader: '' }] })
    }
    if (how === 'offline') node.online = false
    else node.onPrepare = () => nack({ code: 'DISK_FULL' })

    expect(summary(await remove('pg-old', []))).toMatchObject({ ok: false, committed: true })

    const { version, keptOwners } = await bench.store.snapshot('n2')
    expect([version, keptOwners]).toEqual([1, []])
  },
)

test('a second removal says that there is nothing left, and what there is', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n3'], 'one'))
  await bench.publish('pg-b')
  await publish('one')
  await remove('pg-a', [])

  const message = 'pg-a is assigned to no node: there is nothing to remove'
  const hint = '"pgsvc history pg-a" says what was done with it; on nodes are: pg-b'
  expect((await remove('pg-a', [])).at(-1)).toMatchObject({
    result: { ok: false, errors: [{ code: 'OWNER_UNKNOWN', message, hint }] },
  })
})

test('a removal from one node leaves the others', async () => {
  await publish('one')

  await remove('pg-a', ['n2'])

  expect(await bench.assigned()).toEqual({ n1: 'v1 pg-a@1', n2: 'v2', n3: 'v0' })
})

test('a removal from a node that does not have it does nothing to the others either', async () => {
  await publish('one')

  const events = await remove('pg-a', ['n2', 'n3'])

  expect(events.at(-1)).toMatchObject({ result: { ok: false, errors: [{ code: 'NODE_NOT_ASSIGNED' }] } })
  expect((await bench.assigned()).n2).toBe('v1 pg-a@1')
})
