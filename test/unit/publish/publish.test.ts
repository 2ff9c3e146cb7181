import { afterEach, beforeEach, expect, test } from 'vitest'
import { samplePlan } from '../store/sample.ts'
import { ack, Bench, nack, silent, summary } from './bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench('n1', 'n2', 'n3')
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'one'))
})

afterEach(() => bench.destroy())

const nothing = { n1: 'v0', n2: 'v0', n3: 'v0' }
const published = { n1: 'v1 pg-a@1', n2: 'v1 pg-a@1', n3: 'v0' }

/** As a node does after it applied what it was sent. */
async function applied(node: string): Promise<void> {
  const { version } = await bench.store.snapshot(node)
  await bench.store.recordNode(node, { appliedVersion: version })
}

async function publishedOnce(): Promise<void> {
  await bench.publish('pg-a')
  for (const name of ['n1', 'n2']) {
    await applied(name)
    bench.node(name).heard.length = 0
  }
}

test('all nodes prepare before any commits', async () => {
  const order: string[] = []
  const note = (what: string) => {
    order.push(what)
    return ack()
  }
  bench.node('n1').onPrepare = () => note('n1 prepared')
  bench.node('n2').onPrepare = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return note('n2 prepared')
  }
  bench.node('n1').onCommit = () => note('n1 committed')

  const events = await bench.publish('pg-a')

  expect(order).toEqual(['n1 prepared', 'n2 prepared', 'n1 committed'])
  expect(summary(events)).toEqual({
    nodes: ['n1 reloaded', 'n2 reloaded'],
    ok: true,
    committed: true,
    nothingToDo: false,
    errors: [],
  })
  expect(await bench.assigned()).toEqual(published)
})

test('publishing what runs everywhere already is nothing to do', async () => {
  await publishedOnce()
  for (const name of ['n1', 'n2']) bench.node(name).onPrepare = () => ack('none')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 unchanged', 'n2 unchanged'],
    ok: true,
    nothingToDo: true,
    committed: false,
  })
  expect(await bench.assigned()).toEqual(published)
  expect(bench.node('n1').heard).toEqual(['prepare v2 pg-a@1', 'abort'])
})

test('the same content again reloads only the node whose files have drifted, with no new revision', async () => {
  await publishedOnce()
  bench.node('n1').onPrepare = () => ack('none')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 unchanged', 'n2 reloaded'], ok: true, committed: true })
  expect(await bench.assigned()).toEqual({ ...published, n2: 'v2 pg-a@1' })
  expect(events).toContainEqual({
    kind: 'committed',
    revisions: [{ owner: 'pg-a', revision: 1, created: false }],
  })
})

test('the same content again goes to the node where files would be written, even if HAProxy need not notice', async () => {
  await publishedOnce()
  const edits = [{ name: 'pg-a.cfg', copy: '/kept/pg-a.cfg.1' }]
  bench.node('n1').onPrepare = () => ({ ...ack('none'), filesToWrite: 1 })
  bench.node('n1').onCommit = () => ({ ...ack('none'), edits })
  bench.node('n2').onPrepare = () => ack('none')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 unchanged', 'n2 unchanged'],
    ok: true,
    committed: true,
  })
  expect(events).toContainEqual({
    kind: 'warning',
    notice: expect.objectContaining({
      code: 'EDIT_REPLACED',
      message: 'n1: pg-a.cfg, changed by others, was replaced; what they wrote is in /kept/pg-a.cfg.1',
    }),
  })
})

test('a node with trouble of its own is named and told again, and the others are published', async () => {
  bench.node('n2').onPrepare = () => nack({ code: 'FOREIGN_FILE_BROKEN', file: 'foreign.cfg' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toEqual({
    nodes: ['n1 reloaded', 'n2 refused'],
    ok: false,
    committed: true,
    nothingToDo: false,
    errors: ['FOREIGN_FILE_BROKEN'],
  })
  expect(await bench.assigned()).toEqual(published)
  expect(bench.node('n2').heard).toEqual(['prepare v1 pg-a@1', 'abort', 'push'])
  expect((await bench.store.acts('pg-a', 1))[0]?.outcome).toBe('failed: n2')
})

test('when no node could check the set nothing changes anywhere', async () => {
  bench.node('n1').online = false
  bench.node('n2').onPrepare = () => nack({ code: 'DISK_FULL' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toEqual({
    nodes: ['n1 offline', 'n2 refused'],
    ok: false,
    committed: false,
    nothingToDo: false,
    errors: ['NODE_OFFLINE', 'DISK_FULL'],
  })
  expect(await bench.assigned()).toEqual(nothing)
  expect(bench.node('n2').heard).toEqual(['prepare v1 pg-a@1', 'abort'])
})

test('what several nodes refuse for the same reason is one error, with where to look', async () => {
  const refused = { owner: 'pg-a', message: 'unknown keyword', file: 'pg-a-primary.cfg', line: 6 }
  for (const name of ['n1', 'n2']) bench.node(name).onPrepare = () => nack(refused)

  expect((await bench.publish('pg-a')).at(-1)).toMatchObject({
    result: {
      errors: [
        {
          message: 'n1, n2: unknown keyword (pg-a-primary.cfg:6)',
          hint: '"pgsvc explain pg-a primary" says where in the inventory it is written',
        },
      ],
    },
  })
})

test('a check names a node with trouble of its own, beside what the others would do', async () => {
  bench.node('n2').onPrepare = () => nack({ code: 'FOREIGN_FILE_BROKEN' })

  const events = await bench.publish('pg-a', { check: true })

  expect(summary(events)).toMatchObject({
    nodes: ['n1 would-reload', 'n2 refused'],
    ok: false,
    committed: false,
  })
  expect(await bench.assigned()).toEqual(nothing)
})

test('targets without any service are nothing to do, and no failure', async () => {
  bench.inventory.clear()
  bench.inventory.set('pg-a', samplePlan('pg-a', [], 'one'))

  expect(summary(await bench.publish('pg-a'))).toEqual({
    nodes: [],
    ok: true,
    committed: false,
    nothingToDo: true,
    errors: [],
  })
})

test('an owner that a node refuses is taken out and the others are published', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n2', 'n3'], 'one', { port: 6433 }))
  bench.node('n2').onPrepare = ({ snapshot }) =>
    snapshot.assignments.some(({ owner }) => owner === 'pg-b') ? nack({ owner: 'pg-b' }) : ack()

  const events = await bench.publish('pg-a,pg-b')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 reloaded', 'n2 reloaded', 'n3 aborted'],
    ok: false,
    committed: true,
    errors: ['HAPROXY_REFUSED'],
  })
  expect(await bench.assigned()).toEqual(published)
  expect(bench.node('n2').heard).toEqual(['prepare v1 pg-a@1 pg-b@1', 'prepare v1 pg-a@1', 'commit v1'])
  expect(bench.node('n3').heard).toEqual(['prepare v1 pg-b@1', 'abort'])
})

test('when every owner is refused nothing is committed', async () => {
  bench.node('n1').onPrepare = () => nack({ owner: 'pg-a', file: 'pg-a-primary.cfg', line: 3 })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 refused', 'n2 aborted'], ok: false, committed: false })
  expect(await bench.assigned()).toEqual(nothing)
})

test('a refusal that names an owner outside the publish is trouble of that node alone', async () => {
  bench.node('n1').onPrepare = () => nack({ owner: 'pg-z' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 refused', 'n2 reloaded'], committed: true, ok: false })
})

test('a node that does not answer the first phase in time is left behind', async () => {
  bench.node('n2').onPrepare = () => {
    queueMicrotask(() => bench.timeOut())
    return silent
  }

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 reloaded', 'n2 timeout'],
    errors: ['NODE_TIMEOUT'],
    committed: true,
  })
  expect(await bench.assigned()).toEqual(published)
  expect(bench.node('n2').heard).toEqual(['prepare v1 pg-a@1', 'abort', 'push'])
})

test('a node that is offline is named, committed for, and makes the result bad', async () => {
  bench.node('n2').online = false

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 reloaded', 'n2 offline'],
    ok: false,
    committed: true,
    errors: ['NODE_OFFLINE'],
  })
  expect(await bench.assigned()).toEqual(published)
  expect(bench.node('n2').heard).toEqual(['push'])
  expect((await bench.store.acts('pg-a', 1))[0]?.outcome).toBe('failed: n2')
})

test('a node where no agent was ever seen is assigned nothing: it would come in place at its enrolment, whenever', async () => {
  bench.node('n2').online = false
  await bench.store.recordNode('n2', { lastSeenMs: 0 })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 reloaded', 'n2 offline'],
    ok: false,
    committed: true,
    errors: ['NODE_UNSEEN'],
  })
  expect((await bench.store.assignments()).map(({ node }) => node)).toEqual(['n1'])
  bench.node('n2').online = true
  expect(summary(await bench.publish('pg-a')).ok).toBe(true)
  expect(await bench.assigned()).toMatchObject({ n2: 'v1 pg-a@1' })
})

test('where no agent was seen on any node nothing is committed', async () => {
  for (const name of ['n1', 'n2']) {
    bench.node(name).online = false
    await bench.store.recordNode(name, { lastSeenMs: 0 })
  }

  expect(summary(await bench.publish('pg-a'))).toMatchObject({
    nodes: ['n1 offline', 'n2 offline'],
    ok: false,
    committed: false,
    errors: ['NODE_UNSEEN'],
  })
  expect(await bench.store.owners()).toEqual([])
})

test('a controller that has just started waits for nodes that were here before', async () => {
  bench.uptimeMs = 0
  bench.node('n2').online = false
  await bench.store.recordNode('n2', { lastSeenMs: 500 })
  bench.whileSettling = () => {
    bench.node('n2').online = bench.uptimeMs >= 300
  }

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 reloaded', 'n2 reloaded'], ok: true })
  expect(events).toContainEqual(
    expect.objectContaining({ notice: expect.objectContaining({ code: 'NODES_RETURNING' }) }),
  )
})

test('it waits for a bounded time only, and not at all for a node that it never saw', async () => {
  bench.uptimeMs = 0
  bench.node('n2').online = false
  await bench.store.recordNode('n2', { lastSeenMs: 0 })
  const unseen = await bench.publish('pg-a')
  const uptimeMs = bench.uptimeMs
  await bench.store.recordNode('n2', { lastSeenMs: 500 })
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'two'))

  const seen = await bench.publish('pg-a')

  expect([summary(unseen).nodes, uptimeMs]).toEqual([['n1 reloaded', 'n2 offline'], 0])
  expect([summary(seen).nodes, bench.uptimeMs]).toEqual([['n1 reloaded', 'n2 offline'], 1_000])
})

test('a node without haproxy_services that never had any gets no revision', async () => {
  bench.inventory.set('node:n3', samplePlan('node:n3', ['n3'], 'one', { empty: true }))

  const events = await bench.publish('node:n3')

  expect(summary(events)).toMatchObject({ nodes: [], ok: true, committed: false, nothingToDo: true })
  expect(await bench.store.newestRevision('node:n3')).toBeUndefined()
})

test('a stream that breaks in the first phase makes that node offline', async () => {
  bench.node('n2').onPrepare = () => ({ kind: 'gone' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 reloaded', 'n2 offline'], committed: true, ok: false })
})

test('given up during the first phase, nothing has changed', async () => {
  const gone = new AbortController()
  bench.node('n2').onPrepare = () => {
    gone.abort()
    return silent
  }

  const events = await bench.publish('pg-a', { signal: gone.signal })

  expect(summary(events)).toMatchObject({ ok: false, committed: false, errors: ['CANCELLED'] })
  expect(await bench.assigned()).toEqual(nothing)
  expect(bench.node('n1').heard).toEqual(['prepare v1 pg-a@1', 'abort'])
})

test('given up after the commit, the publish goes on to its end', async () => {
  const gone = new AbortController()
  bench.node('n1').onCommit = () => {
    gone.abort()
    return ack()
  }

  const events = await bench.publish('pg-a', { signal: gone.signal })

  expect(summary(events)).toMatchObject({ ok: true, committed: true })
})

test('a node that lost what it prepared is sent the snapshot', async () => {
  bench.node('n1').onCommit = () => nack({ stage: 'receive', code: 'PREPARED_GONE' })

  const events = await bench.publish('pg-a')

  expect(bench.node('n1').heard).toEqual(['prepare v1 pg-a@1', 'commit v1', 'snapshot v1'])
  expect(summary(events)).toMatchObject({ nodes: ['n1 reloaded', 'n2 reloaded'], ok: true })
})

test('a stream that breaks at the commit is followed on the next one', async () => {
  bench.node('n1').onCommit = () => ({ kind: 'gone' })
  bench.node('n1').onConverge = () => nack({ stage: 'reload', code: 'RELOAD_FAILED' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 failed', 'n2 reloaded'],
    ok: false,
    errors: ['RELOAD_FAILED'],
  })
})

test('a node that fails after the commit is named and the others stay committed', async () => {
  bench.node('n1').onCommit = () => nack({ stage: 'reload', code: 'RELOAD_FAILED' })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 failed', 'n2 reloaded'], ok: false, committed: true })
  expect(await bench.assigned()).toEqual(published)
  expect((await bench.store.acts('pg-a', 1))[0]?.outcome).toBe('failed: n1')
})

test('a node that does not answer the commit in time is named', async () => {
  bench.node('n1').onCommit = () => {
    setTimeout(() => bench.timeOut(), 5)
    return silent
  }

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 timeout', 'n2 reloaded'],
    committed: true,
    errors: ['NODE_TIMEOUT'],
  })
})

test('HAProxy that does not run is no success', async () => {
  bench.node('n1').onCommit = () => ack('not-running')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 not-running', 'n2 reloaded'],
    ok: false,
    errors: ['HAPROXY_NOT_RUNNING'],
  })
})

test('nor is one that would have had nothing to load', async () => {
  await publishedOnce()
  for (const name of ['n1', 'n2']) bench.node(name).onPrepare = () => ack('none')
  bench.node('n1').onPrepare = () => ack('not-running')

  const dead = { nodes: ['n1 not-running', 'n2 unchanged'], ok: false, errors: ['HAPROXY_NOT_RUNNING'] }
  expect(summary(await bench.publish('pg-a'))).toMatchObject({
    ...dead,
    committed: false,
    nothingToDo: false,
  })
  expect(summary(await bench.publish('pg-a', { check: true }))).toMatchObject(dead)
  expect(await bench.assigned()).toEqual(published)
})

test('files that are not as they should be are put right there too', async () => {
  await publishedOnce()
  bench.node('n2').onPrepare = () => ack('none')
  bench.node('n1').onPrepare = () => ({ ...ack('not-running'), reasons: ['pg-a.cfg restored'] })
  bench.node('n1').onCommit = () => ack('not-running')

  expect(summary(await bench.publish('pg-a'))).toMatchObject({ committed: true, ok: false })
})

test('a check sends dry runs only and changes nothing', async () => {
  const events = await bench.publish('pg-a', { check: true })

  expect(summary(events)).toMatchObject({
    nodes: ['n1 would-reload', 'n2 would-reload'],
    ok: true,
    committed: false,
    nothingToDo: false,
  })
  expect(bench.node('n1').heard).toEqual(['dry v1 pg-a@1'])
  expect(await bench.assigned()).toEqual(nothing)
  expect(await bench.store.newestRevision('pg-a')).toBeUndefined()
})

test('a check of what runs already says that there is nothing to do', async () => {
  await publishedOnce()
  for (const name of ['n1', 'n2']) bench.node(name).onPrepare = () => ack('none')

  expect(summary(await bench.publish('pg-a', { check: true }))).toMatchObject({ ok: true, nothingToDo: true })
})

test.each([
  ['an offline node', () => (bench.node('n2').online = false), 'NODE_OFFLINE'],
  ['a refusal', () => (bench.node('n2').onPrepare = () => nack({ owner: 'pg-a' })), 'HAPROXY_REFUSED'],
])('a check fails for %s', async (_what, arrange, code) => {
  arrange()

  const events = await bench.publish('pg-a', { check: true })

  expect(summary(events)).toMatchObject({ ok: false, committed: false, errors: [code] })
})

test('a diff shows the live files against the new ones, then publishes', async () => {
  bench.node('n1').onPrepare = ({ dryRun }) => ({
    ...(ack() as Extract<ReturnType<typeof ack>, { kind: 'ack' }>), // ack() makes nothing else
    liveFiles: dryRun
      ? [{ name: 'pg-a-primary.cfg', exists: true, content: 'listen pg-a-primary\n    bind *:1\n' }]
      : [],
  })

  const events = await bench.publish('pg-a', { diff: true })

  const diff = events.find((event) => event.kind === 'diff')
  expect(diff?.unified).toContain('-    bind *:1\n+    bind *:5433\n')
  expect(bench.node('n1').heard).toEqual(['dry v1 pg-a@1', 'prepare v1 pg-a@1', 'commit v1'])
})

test('publishing to one node moves that node alone', async () => {
  await publishedOnce()
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1', 'n2'], 'two'))

  await bench.publish('pg-a', { nodes: ['n2'] })

  expect(await bench.assigned()).toEqual({ ...published, n2: 'v2 pg-a@2' })
})

test('a node that left the inventory loses the owner at a publish of the whole, not of a part', async () => {
  await publishedOnce()
  bench.inventory.set('pg-a', samplePlan('pg-a', ['n1'], 'two'))

  await bench.publish('pg-a', { nodes: ['n1'] })
  const afterPart = await bench.assigned()
  const events = await bench.publish('pg-a')

  expect(afterPart.n2).toBe('v1 pg-a@1')
  expect((await bench.assigned()).n2).toBe('v2')
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'warning',
      notice: expect.objectContaining({ code: 'ASSIGNMENT_ENDS' }),
    }),
  )
})

test('a cluster that is published and that the inventory has no more is named, and keeps its files', async () => {
  await publishedOnce()
  bench.inventory.delete('pg-a')

  expect(summary(await bench.publish('pg-a'))).toMatchObject({ ok: false, errors: ['OWNER_GONE'] })
  const all = await bench.publish('all')

  expect(summary(all)).toMatchObject({ ok: true })
  const told = { kind: 'warning', notice: expect.objectContaining({ code: 'OWNER_GONE' }) }
  expect(all).toContainEqual(told)
  // Of one node the inventory names only what that node has.
  expect(await bench.publish('all', { nodes: ['n3'] })).not.toContainEqual(told)
  expect(await bench.assigned()).toEqual(published)
})

test('an owner with an error in the inventory is refused by itself', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n3'], 'one', { port: 6433 }))
  bench.problems.push({ owner: 'pg-b', severity: 'error', code: 'SELECTOR_INVALID', message: 'no' })

  const events = await bench.publish('pg-a,pg-b')

  expect(summary(events)).toMatchObject({ ok: false, committed: true, errors: ['SELECTOR_INVALID'] })
  expect(await bench.assigned()).toEqual(published)
})

test('what was noticed while the inventory was read is told at the publish', async () => {
  const at = { file: 'pigsty.yml', line: 3, column: 5 }
  bench.warnings.push({ code: 'DUPLICATE_KEY', message: 'pg_role stands twice', at })

  const events = await bench.publish('pg-a')

  expect(events).toContainEqual({
    kind: 'warning',
    notice: expect.objectContaining({
      code: 'DUPLICATE_KEY',
      message: 'pigsty.yml:3:5: pg_role stands twice',
    }),
  })
})

test('a shrinking publish is refused before any node is asked, unless it is allowed', async () => {
  const hint = 'say that it is meant'
  bench.shrinks.push({ owner: 'pg-a', severity: 'error', code: 'SHRINK_LAST_SERVER', message: 'no', hint })

  const refused = summary(await bench.publish('pg-a'))
  const asked = [...bench.node('n1').heard]
  const events = await bench.publish('pg-a', { allowShrink: true })
  const allowed = summary(events)

  expect([refused.ok, refused.errors, asked]).toEqual([false, ['SHRINK_LAST_SERVER'], []])
  expect([allowed.ok, allowed.committed]).toEqual([true, true])
  const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.notice] : []))
  expect(warnings).toMatchObject([{ code: 'SHRINK_LAST_SERVER', hint: undefined }])
})

test.each([true, false])(
  'what was refused for what it would take away is shown all the same (check: %s)',
  async (check) => {
    bench.shrinks.push({ owner: 'pg-a', severity: 'error', code: 'SHRINK_HALF', message: 'no' })
    const live = [{ name: 'pg-a-primary.cfg', exists: true, content: 'listen x\n    bind *:1\n' }]
    bench.node('n1').onPrepare = () => ({ ...ack(), liveFiles: live })

    const events = await bench.publish('pg-a', { check, diff: true })

    expect(events.flatMap((event) => (event.kind === 'diff' ? [event.file] : []))).toEqual([
      'pg-a-primary.cfg',
    ])
    expect(summary(events)).toMatchObject({ ok: false, committed: false, errors: ['SHRINK_HALF'] })
    expect(bench.node('n1').heard).toEqual(['dry v1 pg-a@1'])
  },
)

test('what a node runs and was never published here is named to it as kept, but not what is being published', async () => {
  await bench.store.recordNode('n1', {
    applied: ['pg-a', 'pg-lost'].map((owner) => ({ owner, revision: 4, leader: '' })),
  })
  let kept: readonly string[] | undefined
  bench.node('n1').onPrepare = ({ snapshot }) => {
    kept = snapshot.keptOwners
    return ack()
  }

  expect(summary(await bench.publish('pg-a'))).toMatchObject({ ok: true })
  expect(kept).toEqual(['pg-lost'])
})

test('a cluster that a node runs from before this database stays there when another one is published', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n1', 'n2'], 'two', { port: 6433 }))
  await bench.publish('pg-b', { nodes: ['n2'] })
  await bench.store.recordNode('n1', { applied: [{ owner: 'pg-b', revision: 7, leader: '' }] })
  const kept: unknown[] = []
  bench.node('n1').onPrepare = ({ snapshot }) => {
    kept.push(snapshot.keptOwners)
    return ack()
  }

  expect(summary(await bench.publish('pg-a'))).toMatchObject({ ok: true })
  expect(kept).toEqual([['pg-b']])
})

test('a port that another owner has on a node is refused before any node is asked', async () => {
  await publishedOnce()
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n2'], 'one', { port: 5433 }))

  const events = await bench.publish('pg-b')

  expect(summary(events)).toMatchObject({ ok: false, committed: false, errors: ['PORT_CLASH'] })
  expect(bench.node('n2').heard).toEqual([])
})

test('a file that another owner has on a node is refused', async () => {
  await publishedOnce()
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n2'], 'one', { port: 6433, file: 'pg-a-primary.cfg' }))

  expect(summary(await bench.publish('pg-b'))).toMatchObject({ ok: false, errors: ['FILE_CLASH'] })
})

test('two publishes at once run one after the other, and the second can be given up while it waits', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  bench.node('n1').onPrepare = async () => {
    await held
    return ack()
  }
  const first = bench.publish('pg-a')
  const gone = new AbortController()
  const second = bench.publish('pg-a', { signal: gone.signal })

  gone.abort()
  const given = summary(await second)
  letGo()

  expect(given).toMatchObject({ ok: false, committed: false, errors: ['CANCELLED'] })
  expect(summary(await first)).toMatchObject({ ok: true, committed: true })
  await bench.publisher.stop()
})

test('a publish need not wait for nodes that are still busy with the one before, but a stop does', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  bench.node('n1').onCommit = async (version) => {
    if (version === 1) await held
    return ack()
  }
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n1'], 'one', { port: 6433 }))
  const first = bench.publish('pg-a')
  await expect.poll(() => bench.node('n1').heard).toContain('commit v1')

  const second = await bench.publish('pg-b')

  expect(summary(second)).toMatchObject({ ok: true, committed: true, nodes: ['n1 reloaded'] })
  expect(second.map(({ kind }) => kind)).not.toContain('warning')
  expect(bench.node('n1').heard).toContain('prepare v2 pg-a@1 pg-b@1')
  let stopped = false
  const stopping = bench.publisher.stop().then(() => {
    stopped = true
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(stopped).toBe(false)
  letGo()
  expect(summary(await first)).toMatchObject({ ok: true })
  await stopping
})

test('an error of the inventory is the result, and nothing is asked', async () => {
  const { AppError } = await import('../../../shared/errors/app-error.ts')
  bench.inventory.set('pg-a', {
    ...samplePlan('pg-a', ['n1'], 'one'),
    get plan(): never {
      throw new AppError('INVENTORY_INVALID', 'bad', { at: { file: 'pigsty.yml', line: 3, column: 5 } })
    },
  })

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ ok: false, errors: ['INVENTORY_INVALID'] })
  expect(events.at(-1)).toMatchObject({ result: { errors: [{ message: 'pigsty.yml:3:5: bad' }] } })
})

const refused = { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'refused' } as const

function leavingOut(owner: string): ReturnType<typeof ack> {
  const fault = { ...refused, owner, file: `${owner}.cfg`, line: 4 }
  const answer = ack()
  return answer.kind === 'ack'
    ? { ...answer, quarantined: [{ owner, revision: 1, keptRevision: 0, fault }] }
    : answer
}

test('all owners that a node refuses at once are taken out in one round', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n1'], 'one', { port: 6433 }))
  bench.inventory.set('pg-c', samplePlan('pg-c', ['n1'], 'one', { port: 7433 }))
  const faults = ['pg-b', 'pg-c'].map((owner) => ({ ...refused, owner }))
  bench.node('n1').onPrepare = ({ snapshot }) =>
    snapshot.assignments.length > 1 ? { kind: 'nack', fault: { ...refused, owner: 'pg-b' }, faults } : ack()

  const events = await bench.publish('pg-a,pg-b,pg-c')

  expect(summary(events)).toMatchObject({ errors: ['HAPROXY_REFUSED', 'HAPROXY_REFUSED'], committed: true })
  expect(bench.node('n1').heard).toEqual([
    'prepare v1 pg-a@1 pg-b@1 pg-c@1',
    'prepare v1 pg-a@1',
    'commit v1',
  ])
})

test('an owner of the publish that a node would leave out, as it did before, is refused', async () => {
  bench.node('n1').onPrepare = () => leavingOut('pg-a')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ committed: false, ok: false, errors: ['HAPROXY_REFUSED'] })
  expect(await bench.assigned()).toEqual(nothing)
})

test('an owner that a node leaves out after the commit makes the result bad, and the act failed there', async () => {
  bench.inventory.set('pg-b', samplePlan('pg-b', ['n1'], 'one', { port: 6433 }))
  bench.node('n1').onCommit = () => leavingOut('pg-a')

  const events = await bench.publish('pg-a,pg-b')

  expect(summary(events)).toMatchObject({
    nodes: ['n1 quarantined', 'n2 reloaded'],
    ok: false,
    committed: true,
    errors: ['OWNER_QUARANTINED'],
  })
  const result = events.find(({ kind }) => kind === 'result')
  expect(result?.kind === 'result' && result.result.errors[0]?.message).toBe(
    'n1: refused (pg-a.cfg:4); pg-a@1 is in quarantine there, nothing of it is there',
  )
  expect((await bench.store.acts('pg-a', 1))[0]?.outcome).toBe('failed: n1')
  expect((await bench.store.acts('pg-b', 1))[0]?.outcome).toBe('done')
})

test('an owner of another publish that a node leaves out is a warning', async () => {
  bench.node('n1').onPrepare = () => leavingOut('pg-z')
  bench.node('n1').onCommit = () => leavingOut('pg-z')

  const events = await bench.publish('pg-a')

  expect(summary(events)).toMatchObject({ nodes: ['n1 reloaded', 'n2 reloaded'], ok: true, committed: true })
  const warned = events.flatMap((event) => (event.kind === 'warning' ? event.notice.code : []))
  expect(warned).toEqual(['OWNER_QUARANTINED'])
})

test('the same content again is told to a node that left something out', async () => {
  await publishedOnce()
  const fault = { ...refused, owner: 'pg-a' }
  await bench.store.recordNode('n1', {
    quarantined: [{ owner: 'pg-a', revision: 1, keptRevision: 0, fault }],
  })
  for (const name of ['n1', 'n2']) bench.node(name).onPrepare = () => ack('none')

  await bench.publish('pg-a')

  expect(bench.node('n1').heard).toEqual(['prepare v2 pg-a@1', 'commit v2'])
  expect(bench.node('n2').heard).toEqual(['prepare v2 pg-a@1', 'abort'])
})
