/**
 * A publish in two phases, cut off at every message between the controller and one of two agents, and at every
 * write of the controller to its database. Controller, agents, HAProxy and TLS are the real ones.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/haproxy-lab.ts'
import { buildPrograms, type Programs } from './two-phase/programs.ts'
import type { Strike } from './two-phase/relay.ts'
import { endWorlds, heartbeatMs, nodes, type Published, World } from './two-phase/world.ts'

let programs: Programs
const { TMPDIR } = process.env

beforeAll(async () => {
  // A kill leaves what is written, synced or not: no need to wait for a disk.
  process.env.TMPDIR = '/dev/shm'
  programs = await buildPrograms()
})
afterAll(async () => {
  process.env.TMPDIR = TMPDIR
  if (TMPDIR === undefined) delete process.env.TMPDIR
  await endWorlds()
  await programs.remove()
})

/** Everything is where it is assigned, nothing is held, and what the command said was true. */
async function expectWhole(world: World, { exit, text }: Published, where: string): Promise<void> {
  const about = `${where}\n${text}`
  await world.settled().catch((error: unknown) => {
    throw new Error(`${about}\n${String(error)}`)
  })
  const asked = world.body
  const body = await world.newestBody()
  const isCommitted = body === asked
  expect(isCommitted || body === asked - 1, `${about}: revision ${body}`).toBe(true)
  expect(await world.wrongOnDisk(body), about).toEqual([])
  if (exit === 0) expect(isCommitted, about).toBe(true)
  if (text.includes('nothing has changed on any node')) expect(isCommitted, about).toBe(false)
  await until(async () => (await world.leftovers()).length === 0, 5_000).catch(() => undefined)
  expect(await world.leftovers(), about).toEqual([])
}

/** Revisions count from 1 and so do bodies: what was given up is asked for again, under the same number. */
async function expectNextWorks(world: World, where: string): Promise<void> {
  if ((await world.newestBody()) < world.body) world.takeBack()
  let next = await world.publishNext()
  // A machine that stands still for longer than the silence that a test can wait for loses connections of its own.
  for (let again = 0; again < 2 && next.text.includes('NODE_OFFLINE'); again += 1) {
    await world.settled()
    next = await world.publishNext()
  }
  const about = `after ${where}\n${next.text}`
  expect(next.exit, about).toBe(0)
  for (const node of nodes) expect(next.text, about).toContain(`${node}  reloaded`)
  expect(next.text, about).not.toMatch(/waits for it|waiting for/)
  expect(await world.wrongOnDisk(world.body), about).toEqual([])
  expect(new Set(await world.outcomes()), about).toEqual(new Set(['done']))
}

const limits = { timeout: 600_000 }

/** What is struck, and how the message in hand fares. */
interface Cut {
  readonly at: number
  readonly victim: Victim
  readonly isDelivered: boolean
  readonly where: string
}

type Victim = 'controller' | 'agent' | 'connection' | 'network'

/**
 * A word of progress nobody waits for: it only tells how far the agent is, so it matters which of the two dies then,
 * and not whether it arrives.
 */
function cutsOf(messages: readonly string[], victim: Victim): readonly Cut[] {
  const mayDie = victim === 'controller' || victim === 'agent'
  return messages.flatMap((message, index) => {
    const isProgress = message.includes('progress')
    if (isProgress && !mayDie) return []
    return (isProgress ? [false] : [true, false]).map((isDelivered) => ({
      at: index + 1,
      victim,
      isDelivered,
      where: `${index + 1}: ${message} ${isDelivered ? 'arrives' : 'is lost'}, then the ${victim} goes`,
    }))
  })
}

function strike(world: World, { at, victim, isDelivered }: Cut): Strike {
  return {
    at,
    isDelivered,
    work: async (link) => {
      if (victim === 'controller') await world.process.kill()
      if (victim === 'agent') await world.target.agent?.kill()
      if (victim === 'connection') link.cut()
      if (victim === 'network') link.silence()
    },
  }
}

/** Brings the victim back once it is gone. */
async function mend(world: World, { victim, where }: Cut): Promise<void> {
  const { relay } = world.target
  await until(() => relay.struck, 20_000).catch(() => {
    throw new Error(`${where}: never came: ${relay.seen.join(', ')}`)
  })
  if (victim === 'controller') await world.startController()
  if (victim === 'agent') world.startAgent(world.target)
  const { streams } = relay
  // Until somebody notices the silence there is nothing to come back from.
  if (victim === 'network') await until(() => relay.streams > streams, 20_000)
}

/** Counts how things came out, for people. */
class Tally {
  private readonly ends = new Map<string, number>()
  private readonly startedMs = performance.now()
  cases = 0

  add(what: string, { exit }: Published): void {
    this.cases += 1
    const end = `${what}: status ${exit}`
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1)
  }

  print(what: string): void {
    const ends = [...this.ends].map(([end, count]) => `${end} ${count}`).join(', ')
    const s = Math.round((performance.now() - this.startedMs) / 1000)
    process.stderr.write(`${what}: ${this.cases} cases in ${s} s; ${ends}\n`)
  }
}

/** The network first: its cases are mostly waits for the silence to be noticed, in which the others can work. */
const victims: readonly Victim[] = ['network', 'connection', 'controller', 'agent']

/** A publish while the first node is away; it comes back when the relay is opened. */
async function publishWithout(world: World): Promise<Published> {
  const { relay } = world.target
  relay.isClosed = true
  relay.cutAll()
  await until(async () => !(await world.connected()).includes(world.target.name), 5_000)
  const published = await world.publishNext()
  expect(published.exit, published.text).toBe(2)
  expect(published.text).toContain('NODE_OFFLINE: n1')
  return published
}

test.concurrent.each(victims)(
  'the return of a node is cut off at every message: the %s goes',
  limits,
  async (victim) => {
    // The node that is away does not come back before it is let through: no need to wait for it.
    const world = await World.create({ programs, settleMs: 500 })
    const { relay } = world.target
    await publishWithout(world)
    relay.count()
    relay.isClosed = false
    await world.settled()
    const messages = relay.seen
    const tally = new Tally()
    for (const cut of cutsOf(messages, victim)) {
      const published = await publishWithout(world)
      relay.count(strike(world, cut))
      relay.isClosed = false
      await mend(world, cut)
      tally.add(cut.victim, published)
      // The publish of the next case shows that nothing is held.
      await expectWhole(world, published, cut.where)
    }
    await expectNextWorks(world, 'all returns')
    tally.print(`return, ${victim}, ${messages.length} messages (${messages.join(', ')})`)
    await world.end()
  },
)

test.concurrent.each(victims)(
  'a publish is cut off at every message: the %s goes',
  limits,
  async (victim) => {
    const world = await World.create({ programs })
    const { relay } = world.target
    relay.count()
    expect(await world.publishNext()).toMatchObject({ exit: 0 })
    const messages = relay.seen
    const tally = new Tally()
    for (const cut of cutsOf(messages, victim)) {
      relay.count(strike(world, cut))
      const publishing = world.publishNext()
      await mend(world, cut)
      const published = await publishing
      tally.add(cut.victim, published)
      await expectWhole(world, published, cut.where)
      await expectNextWorks(world, cut.where)
    }
    tally.print(`publish, ${victim}, ${messages.length} messages (${messages.join(', ')})`)
    await world.end()
  },
)

/** What new streams bring along (who leads, by the nodes' first observations) has been written; it is no publish's. */
async function atRest(world: World): Promise<void> {
  for (let looks = 0; looks < 50; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 3 * heartbeatMs))
    if ((await world.process.arm(0)).length === 0) return
  }
  throw new Error('the controller goes on writing')
}

test.concurrent('the controller dies at every write to its database', limits, async () => {
  const world = await World.create({ programs })
  await atRest(world)
  expect(await world.publishNext()).toMatchObject({ exit: 0 })
  const steps = await world.process.arm(0)
  const tally = new Tally()
  for (const [index, step] of steps.entries()) {
    const where = `${index + 1}: the controller dies ${step}`
    await atRest(world)
    await world.process.arm(index + 1)
    const publishing = world.publishNext()
    await world.process.exited
    await world.startController()
    const published = await publishing
    tally.add('controller', published)
    await expectWhole(world, published, where)
    await expectNextWorks(world, where)
  }
  tally.print(`publish, ${steps.length} steps of writes (${steps.join(', ')})`)
  await world.end()
})
