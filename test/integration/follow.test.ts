/** Following a leader with a real HAProxy, whose own checks come too late to be of help. */
import { rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { basename, join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Following } from '../../agent/follow/following.ts'
import { createLeaderChannel } from '../../agent/follow/leader-channel.ts'
import { systemPatroniClient } from '../../agent/follow/patroni-status.ts'
import { tellAll } from '../../agent/follow/server-rows.ts'
import { type StartOptions, startFollowing } from '../../agent/follow/start-following.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { locate } from '../../agent/haproxy/locate.ts'
import { main as notify } from '../../agent/notify.ts'
import { createLedger } from '../../agent/observe/ledger.ts'
import { systemAsker } from '../../agent/server-state/ask.ts'
import { parseServersState } from '../../agent/server-state/rows.ts'
import type { LeaderReport } from '../../shared/model/leader.ts'
import type { Assignment, Snapshot } from '../../shared/model/snapshot.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { statesFor, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab, until, whoAnswers } from '../support/haproxy-lab.ts'
import { type Member, serverLine, serviceText, startMember } from '../support/members.ts'
import { snapshotOf } from '../support/snapshots.ts'

const owner = 'pg-test'
const cli = systemCli()
const clock = systemClock()
const patience = 20_000

let lab: HaproxyLab
let members: Member[]
let primaryPort: number
let replicaPort: number
let engine: TestEngine
let stop: AbortController
let done: Promise<unknown>
let following: Following
let reports: LeaderReport[]

const steps = () => reports.map(({ step, leader, source }) => `${step} ${leader} ${source}`)
const step = (name: string) => reports.find((report) => report.step === name)
const member = (index: number): Member => {
  const found = members[index]
  if (!found) throw new Error('three members')
  return found
}

/** The files while a member leads: it only stands by in the replicas' service then. */
function filesOf(leader: string): Record<string, string> {
  const stateDir = statesFor(lab).dir
  const all = members.map((one) => serverLine(one, 'weight 100 maxconn 3000'))
  const replicas = members.map((one) =>
    serverLine(one, one.name === leader ? 'weight 80 backup' : 'weight 80'),
  )
  const more = { stateDir }
  return {
    'pg-test-primary.cfg': serviceText({ ...more, name: 'pg-test-primary', port: primaryPort, servers: all }),
    'pg-test-replica.cfg': serviceText({
      ...{ ...more, name: 'pg-test-replica', port: replicaPort, path: '/read-only', servers: replicas },
    }),
  }
}

function snapshot(
  version: number,
  change: Partial<Assignment> = {},
): { snapshot: Snapshot; blobs: ReadonlyMap<string, string> } {
  const variants = Object.fromEntries(members.map(({ name }) => [name, filesOf(name)]))
  const made = snapshotOf(version, { [owner]: variants })
  const own = members.map(({ name, checkPort }) => ({
    instance: name,
    address: '127.0.0.1',
    patroniPort: checkPort,
    patroniTls: false,
  }))
  const assignments = made.snapshot.assignments.map((one) => ({ ...one, members: own, ...change }))
  return { snapshot: { ...made.snapshot, assignments }, blobs: made.blobs }
}

async function apply(version: number, change: Partial<Assignment> = {}): Promise<void> {
  const { snapshot: wanted, blobs } = snapshot(version, change)
  expect(await engine.apply(wanted, blobs, () => undefined)).toMatchObject({ kind: 'applied' })
}

/** One look at HAProxy: servers of a section that get connections. */
async function up(section: string): Promise<string[]> {
  const rows = parseServersState(await cli.ask(lab.statsSocket, 'show servers state', 2_000))
  return [...(rows ?? new Map()).values()]
    .filter((row) => row.section === section && row.operation !== 0)
    .map(({ server }) => server)
}

beforeEach(async () => {
  lab = await createHaproxyLab()
  members = [
    await startMember('pg-test-1', '/primary'),
    await startMember('pg-test-2', '/replica'),
    await startMember('pg-test-3', '/replica'),
  ]
  const ports = await freePorts(2)
  primaryPort = ports[0] ?? 0
  replicaPort = ports[1] ?? 0
  engine = await testEngine(lab)
  reports = []
  await lab.start()
  await apply(1)
  await until(async () => (await up('pg-test-primary')).join() === 'pg-test-1', patience)
})

afterEach(async () => {
  stop?.abort()
  await done
  await lab.destroy()
  await Promise.all(members.map((one) => one.close()))
})

/** @param node - no member's address unless said: then the local Patroni is nobody's */
async function follow(change: Partial<StartOptions> = {}): Promise<void> {
  stop = new AbortController()
  const channel = createLeaderChannel()
  channel.attach((report) => reports.push(report))
  const log = pino({ level: process.env.PGSVC_TEST_LOG ?? 'silent' })
  const started = startFollowing(
    {
      ...{
        files: systemFiles(),
        clock,
        cli,
        asker: systemAsker(),
        patroni: systemPatroniClient(),
        log,
        channel,
      },
      ...{ blobs: engine.blobs, engine, ledger: createLedger(clock) },
      oldWorkers: { look: async () => undefined, count: async () => [] },
      locate: () => locate(systemFiles(), engine.options.paths),
      exclusively: (task) => task(),
      urgently: (task) => task(),
    },
    {
      ...{ node: 'proxy', policy: 'on', stableMs: 300, patroniPollMs: 0, notifySocket: '' },
      stateDir: join(lab.dir, 'state'),
      ...change,
    },
    stop.signal,
  )
  following = started.following
  done = started.done
  await vi.waitFor(() => expect(following.views()[0]?.confirmed).toBe(true), patience)
}

function switchover(): void {
  member(0).leads = '/replica'
  member(1).leads = '/primary'
  member(1).timeline = 2
}

function hint(leader = '', timeline = { system: '', timeline: 0 }): void {
  following.hint({ owner, leader, source: 'etcd', timeline })
}

/** As if the time had come for all that the agent has to put back. */
async function owesNow(): Promise<void> {
  const file = join(lab.dir, 'state', 'owed.json')
  const owed: unknown = JSON.parse(String(await systemFiles().read(file)))
  const past = (Array.isArray(owed) ? owed : []).map((one: object) => ({ ...one, untilMs: 1 }))
  await systemFiles().write(file, JSON.stringify(past), 0o600)
}

async function openSession(port: number): Promise<{ socket: Socket; ended: () => boolean }> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.resume()
  let ended = false
  socket.on('close', () => {
    ended = true
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, ended: () => ended }
}

test('after a switchover connections go to the new leader at once, files follow, and a restart remembers it', async () => {
  await follow()
  switchover()
  hint('pg-test-2')

  await vi.waitFor(() => expect(step('told')).toBeDefined(), patience)
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
  expect(await whoAnswers(primaryPort)).toBe('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
  expect(steps()).toEqual([
    'confirmed pg-test-2 controller',
    'told pg-test-2 controller',
    'moved pg-test-2 controller',
  ])
  expect(following.views()[0]).toMatchObject({ leader: 'pg-test-2', running: 'pg-test-2', confirmed: true })
  // What the old leader was on must not make anybody else take the claim for one of the past.
  expect(step('confirmed')?.timeline).toEqual({ system: '', timeline: 0 })
  expect(step('moved')?.timeline).toEqual({ system: '7000000000000000001', timeline: 2 })
  const restarted = await testEngine(lab)
  expect(restarted.state().leaders).toEqual({ [owner]: 'pg-test-2' })
  expect(restarted.state().followed[owner]?.leader).toBe('pg-test-2')
})

test('a publish after a follow leaves the leader’s variant in place, whatever the controller says', async () => {
  await follow()
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)

  await apply(2, { leader: 'pg-test-1' })

  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  expect(engine.state().leaders).toEqual({ [owner]: 'pg-test-2' })
})

test('an agent that was told not to follow any more keeps what runs, until a publish puts the inventory’s leader in place', async () => {
  await follow()
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  stop.abort()
  await done

  engine = await testEngine(lab, {}, {}, { follow: 'report' })
  await lab.put('pg-test-replica.cfg', '# changed by somebody\n')
  expect(await engine.repair(new Set())).toMatchObject({ kind: 'applied' })
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  await apply(2, { leader: 'pg-test-2', inventoryLeader: 'pg-test-1' })
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-1')['pg-test-replica.cfg'])

  engine = await testEngine(lab)
  await apply(3, { leader: 'pg-test-1', inventoryLeader: 'pg-test-1' })
  expect(engine.state().leaders).toEqual({ [owner]: 'pg-test-1' })
})

test('while two pass the check nothing is moved, and it is said; the one that is left is followed', async () => {
  await follow()
  member(1).leads = '/primary'
  hint('pg-test-2')

  await vi.waitFor(() => expect(step('held')?.held?.code).toBe('TWO_LEADERS'), patience)
  expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
  expect(following.views()[0]?.held?.message).toContain('pg-test-1 and pg-test-2')
  member(0).leads = '/replica'
  await vi.waitFor(async () => expect(await up('pg-test-primary')).toEqual(['pg-test-2']), patience)
  expect(following.views()[0]?.held).toBeUndefined()
})

test('while nobody passes everything stays, whoever is said to lead', async () => {
  await follow()
  member(0).leads = '/replica'
  hint('pg-test-2')

  await vi.waitFor(() => expect(following.views()[0]?.held?.code).toBe('NO_LEADER'), patience)
  expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-1')['pg-test-replica.cfg'])
})

test('a silent old leader does not keep connections from the new one', async () => {
  await follow()
  switchover()
  member(0).leads = ''
  hint('pg-test-2')

  await vi.waitFor(async () => expect(await up('pg-test-primary')).toEqual(['pg-test-2']), patience)
})

test('a leader that the revision does not know is told, and nothing is moved', async () => {
  await follow()
  hint('pg-test-9')

  await vi.waitFor(() => expect(step('held')?.held?.code).toBe('LEADER_UNKNOWN'), patience)
  expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
})

test('a claim from before the last change is not even looked into; one without a time, or of another system, is', async () => {
  await follow()
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  await vi.waitFor(() => expect(following.views()[0]?.held).toBeUndefined(), patience)
  const before = reports.length

  hint('pg-test-9', { system: '7000000000000000001', timeline: 1 })
  await clock.sleep(500)
  expect(reports.length).toBe(before)
  hint('pg-test-8', { system: '7000000000000000001', timeline: 0 })
  await vi.waitFor(() => expect(reports.at(-1)?.held?.message).toContain('pg-test-8'), patience)
  hint('pg-test-9', { system: '7000000000000000002', timeline: 1 })
  await vi.waitFor(() => expect(reports.at(-1)?.held?.message).toContain('pg-test-9'), patience)
})

test('somebody else’s reload makes every server be up; it is told again who leads', async () => {
  await follow()
  const before = await lab.workerPid()
  await lab.reload()

  await vi.waitFor(
    async () => {
      expect(await lab.workerPid()).not.toBe(before)
      expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
    },
    { timeout: patience, interval: 50 },
  )
  expect(steps().filter((said) => !said.startsWith('suspected') && !said.startsWith('unchanged'))).toEqual([])
})

test('without a controller the checks of HAProxy are hint enough', async () => {
  await follow()
  switchover()
  // As if a check had failed; HAProxy's own come every ten minutes here.
  await cli.ask(lab.statsSocket, 'set server pg-test-primary/pg-test-1 health down', 2_000)

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(steps()[0]).toBe('suspected  haproxy')
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
})

test('a leader that HAProxy took for down is brought back as soon as its check passes', async () => {
  await follow()
  await cli.ask(lab.statsSocket, 'set server pg-test-primary/pg-test-1 health down', 2_000)

  await vi.waitFor(async () => expect(await up('pg-test-primary')).toEqual(['pg-test-1']), patience)
  expect(step('confirmed')).toBeUndefined()
})

test('the Patroni on the node is asked, and its word is a reason to look', async () => {
  const local = { node: '127.0.0.1', patroniPollMs: 100 }
  await follow(local)
  switchover()

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(step('confirmed')?.source).toBe('patroni')
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
})

test('on a node that is no member the leader’s Patroni is asked', async () => {
  await follow({ patroniPollMs: 100 })
  switchover()

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(step('confirmed')?.source).toBe('patroni')
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
})

test('Patroni’s callback is heard, and does no harm when it makes no sense', async () => {
  const notifySocket = join('/run/pgsvc', `notify-${basename(lab.dir)}.sock`)
  await follow({ node: '127.0.0.1', notifySocket })
  const said: string[] = []
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  switchover()

  expect(await notify(['--socket', notifySocket, 'on_role_change', 'replica', owner])).toBe(0)

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(step('confirmed')?.source).toBe('callback')
  expect(said).toEqual([])
  expect(await notify(['--socket', notifySocket, 'on_tuesday', 'replica', owner])).toBe(0)
  expect(await notify(['--socket', '/run/pgsvc/nobody.sock', 'on_stop', 'replica', owner])).toBe(0)
  expect(said).toEqual([
    expect.stringContaining('no callback of Patroni'),
    expect.stringContaining('does not listen'),
  ])
  stderr.mockRestore()
  await rm(notifySocket, { force: true })
})

test('a callback that names what the groups of a Citus cluster share is of the member on this host', async () => {
  const notifySocket = join('/run/pgsvc', `notify-${basename(lab.dir)}.sock`)
  await follow({ node: '127.0.0.1', notifySocket })
  switchover()

  expect(await notify(['--socket', notifySocket, 'on_role_change', 'replica', 'pg-citus'])).toBe(0)

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(step('confirmed')?.source).toBe('callback')
  await rm(notifySocket, { force: true })
})

test('with policy report a new leader is told, stands in status as long as it leads, and nothing else happens', async () => {
  await follow({ policy: 'report' })
  switchover()
  hint('pg-test-2')

  await vi.waitFor(() => expect(step('held')?.held?.code).toBe('POLICY_REPORT'), patience)
  // Some looks later.
  await clock.sleep(600)
  expect(following.views()[0]).toMatchObject({
    ...{ leader: 'pg-test-2', running: 'pg-test-1', confirmed: true },
    held: { code: 'POLICY_REPORT' },
  })
  expect(reports.filter(({ step: said }) => said === 'held')).toHaveLength(1)
  expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-1')['pg-test-replica.cfg'])

  member(0).leads = '/primary'
  member(1).leads = '/replica'
  hint('pg-test-1')
  await vi.waitFor(() => expect(following.views()[0]?.leader).toBe('pg-test-1'), patience)
  expect(following.views()[0]?.held).toBeUndefined()
  expect(reports.filter(({ step: said }) => said === 'held')).toHaveLength(1)
})

test('a publish that says report calls off a move that waits for the leader to be stable', async () => {
  await follow({ stableMs: 1_500 })
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('told')).toBeDefined(), patience)

  await apply(2, { follow: 'report' })

  await vi.waitFor(() => expect(following.views()[0]?.held?.code).toBe('POLICY_REPORT'), patience)
  await clock.sleep(2_000)
  expect(step('moved')).toBeUndefined()
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-1')['pg-test-replica.cfg'])
})

test('a limit that slowstart would scale is lifted, and put back; an agent that dies meanwhile puts it back later', async () => {
  await follow({ stableMs: 60_000 })
  const maxconn = async () => {
    const stat = await cli.ask(lab.statsSocket, 'show stat', 2_000)
    const [header = '', ...rows] = stat.split('\n')
    const column = header.split(',').indexOf('slim')
    return rows.find((row) => row.startsWith('pg-test-primary,pg-test-2,'))?.split(',')[column]
  }
  expect(await maxconn()).toBe('3000')
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('told')).toBeDefined(), patience)
  expect(await maxconn()).toBe('')
  stop.abort()
  await done

  const file = join(lab.dir, 'state', 'owed.json')
  const lifted: unknown = JSON.parse(String(await systemFiles().read(file)))
  expect(lifted).toContainEqual({
    ...{ section: 'pg-test-primary', server: 'pg-test-2', what: 'maxconn', value: 3_000 },
    untilMs: expect.any(Number),
  })
  await owesNow()
  await follow({ stableMs: 60_000 })

  await vi.waitFor(async () => expect(await maxconn()).toBe('3000'), patience)
  await vi.waitFor(
    async () => expect(String(await systemFiles().read(file))).not.toContain('maxconn'),
    patience,
  )
})

test('a member that has led until now is spared where it stood by, while others serve; later its weight is put back', async () => {
  const weight = async () => {
    const rows = parseServersState(await cli.ask(lab.statsSocket, 'show servers state', 2_000))
    return rows?.get('pg-test-replica/pg-test-1')?.weight
  }
  const answers = async () => {
    const seen = new Set<string>()
    for (let n = 0; n < 12; n += 1) seen.add(await whoAnswers(replicaPort))
    return [...seen].sort()
  }
  await follow()
  expect(await weight()).toBe(80)
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)

  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  expect(await weight()).toBe(0)
  expect(await answers()).toEqual(['pg-test-3'])
  await cli.ask(lab.statsSocket, 'set server pg-test-replica/pg-test-3 health down', 2_000)
  expect(await answers()).toEqual(['pg-test-2'])

  stop.abort()
  await done
  await owesNow()
  await follow()
  await vi.waitFor(async () => expect(await weight()).toBe(80), patience)
  expect(await answers()).toEqual(['pg-test-1'])
})

test('there and back within seconds: who leads again is not spared any longer, and the other is', async () => {
  const weights = async () => {
    const rows = parseServersState(await cli.ask(lab.statsSocket, 'show servers state', 2_000))
    return members.map(({ name }) => rows?.get(`pg-test-replica/${name}`)?.weight)
  }
  await follow()
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(await weights()).toEqual([0, 80, 80])
  await cli.ask(lab.statsSocket, 'set server pg-test-replica/pg-test-3 health down', 2_000)

  reports = []
  member(0).leads = '/primary'
  member(0).timeline = 3
  member(1).leads = '/replica'
  hint('pg-test-1')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)

  expect(await weights()).toEqual([80, 0, 80])
  expect(await whoAnswers(replicaPort)).toBe('pg-test-1')
})

test('a member that has led until now is not spared where nobody else serves', async () => {
  await follow()
  for (const name of ['pg-test-2', 'pg-test-3']) {
    await cli.ask(lab.statsSocket, `set server pg-test-replica/${name} health down`, 2_000)
  }
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)

  expect(await whoAnswers(replicaPort)).toBe('pg-test-1')
})

test('sessions with the old leader end when the new one is confirmed', async () => {
  member(0).holds = true
  await follow()
  const held = await openSession(primaryPort)
  switchover()
  hint('pg-test-2')

  await vi.waitFor(() => expect(held.ended()).toBe(true), patience)
  held.socket.destroy()
})

test('a file that somebody changed, and that the leader has nothing to do with, stays as it is', async () => {
  await follow()
  const edited = `${filesOf('pg-test-1')['pg-test-primary.cfg']}    # by hand\n    timeout client 7s\n`
  await lab.put('pg-test-primary.cfg', edited)
  switchover()
  hint('pg-test-2')

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(await lab.get('pg-test-primary.cfg')).toBe(edited)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
})

test('a file that somebody changed and that the new leader needs is replaced, and it is told where the edit is', async () => {
  await follow()
  const edited = `${filesOf('pg-test-1')['pg-test-replica.cfg']}    # by hand\n    timeout client 7s\n`
  await lab.put('pg-test-replica.cfg', edited)
  switchover()
  hint('pg-test-2')

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  const { code, message = '' } = step('moved')?.held ?? {}
  expect(code).toBe('EDIT_REPLACED')
  expect(message).toContain('pg-test-replica.cfg, changed by others, was replaced')
  const copy = message.split(' is in ')[1] ?? ''
  expect(String(await systemFiles().read(copy))).toBe(edited)
})

test('a change while the agent was away is found at its start', async () => {
  switchover()
  await follow()

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(steps()).toEqual(['confirmed pg-test-2 start', 'told pg-test-2 start', 'moved pg-test-2 start'])
})

test('an agent that died right after it had written down whom it follows puts the files in place when it is back', async () => {
  switchover()
  const elsewhere = join(lab.serviceDir, 'elsewhere.cfg')
  await lab.put('elsewhere.cfg', 'listen elsewhere\n    nonsense\n')
  expect(await engine.follow(owner, 'pg-test-2', 1)).toMatchObject({ kind: 'failed' })
  await rm(elsewhere)
  engine = await testEngine(lab)
  expect(engine.state()).toMatchObject({ leaders: {}, followed: { [owner]: { leader: 'pg-test-2' } } })

  await follow()

  await vi.waitFor(() => expect(step('moved')).toBeDefined(), patience)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
})

test('a standby cluster, whose members all fail the check of the primary, is followed by who holds the lock: its files', async () => {
  member(0).leads = '/leader'
  await follow()
  member(0).leads = '/replica'
  member(1).leads = '/leader'
  hint()

  await vi.waitFor(() => expect(step('moved')?.leader).toBe('pg-test-2'), patience)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  expect(steps()).toEqual(['confirmed pg-test-2 controller', 'moved pg-test-2 controller'])
  // Nobody was told that anybody takes writes.
  expect(await up('pg-test-primary')).toEqual(['pg-test-1'])
  await vi.waitFor(
    () => expect(following.views()[0]).toMatchObject({ confirmed: true, held: undefined }),
    patience,
  )
})

test('a leader that was only told of is followed as soon as a publish says so', async () => {
  await apply(2, { follow: 'report' })
  await follow()
  switchover()
  hint('pg-test-2')
  await vi.waitFor(() => expect(step('held')?.held?.code).toBe('POLICY_REPORT'), patience)
  await vi.waitFor(() => expect(following.views()[0]?.leader).toBe('pg-test-2'), patience)
  // As HAProxy's own checks find, so that nothing but the publish is a reason to look.
  for (const health of ['pg-test-1 health down', 'pg-test-2 health up']) {
    await cli.ask(lab.statsSocket, `set server pg-test-primary/${health}`, 2_000)
  }
  await clock.sleep(6_000)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-1')['pg-test-replica.cfg'])

  await apply(3, { follow: 'on' })

  await vi.waitFor(() => expect(step('moved')?.leader).toBe('pg-test-2'), patience)
  expect(await lab.get('pg-test-replica.cfg')).toBe(filesOf('pg-test-2')['pg-test-replica.cfg'])
  expect(await up('pg-test-primary')).toEqual(['pg-test-2'])
})

test('HAProxy does what comes after a command that it does not take', async () => {
  const commands = ['nobody', 'pg-test-1'].map((name) => `set server pg-test-primary/${name} health down`)
  const sockets = { statsSocket: lab.statsSocket, masterSocket: undefined }

  expect(await tellAll(cli, sockets, commands)).toBe('No such server.')

  expect(await up('pg-test-primary')).toEqual([])
})
