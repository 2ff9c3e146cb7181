/**
 * Connections that a reload, or a start, leads astray: 200 new ones per second to a primary service of three
 * members, through reloads of the agent's engine and plain reloads (SIGUSR2) of the same files, in turns.
 *
 * The members are stand-ins: they say their name, and answer Patroni's health checks. `stray` counts answers of
 * another member than the primary, `refused` connections without an answer. After each reload 1.2 s are looked
 * at: by then every server has had its first check (`fastinter 1s`). First writes are counted from the start of
 * what precedes HAProxy's start (for ours) or of HAProxy itself (plain).
 *
 * Usage: main.ts --json [--runs RELOADS]. The status is 1 when ours led anybody astray or refused anybody, and when the
 * plain reloads did not: then nothing was proven.
 */

import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeColdStartRows } from '../../../agent/server-state/cold-start.ts'
import { systemClock } from '../../../shared/ports/clock.ts'
import { systemFiles } from '../../../shared/ports/files.ts'
import { statesFor, type TestEngine, testEngine } from '../../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab, until } from '../../support/haproxy-lab.ts'
import { type Member, serverLine, serviceText, startMember } from '../../support/members.ts'
import { readArguments } from '../arguments.ts'
import { type Clients, newTally, startClients, type Tally } from './clients.ts'
import { type Figures, whatIsWrong } from './verdict.ts'

const DEFAULT_RELOADS = 50
const SETTLE_MS = 1_200
/** Plain reloads beyond those asked for, until one leads somebody astray: a busy machine may sleep through a few. */
const MORE_PLAIN = 10
/** The lab waits this long before it starts HAProxy. */
const LAB_WAIT_MS = 50

interface Scene {
  readonly lab: HaproxyLab
  readonly engine: TestEngine
  readonly clients: Clients
  readonly members: readonly Member[]
  readonly ports: readonly number[]
}

function reloadsWanted(): number {
  return readArguments(process.argv.slice(2), ['--runs']).count('--runs', DEFAULT_RELOADS, 1)
}

/** Pigsty's four services; a number that changes makes a set that has to be reloaded. */
function fileSet({ lab, members, ports }: Omit<Scene, 'engine' | 'clients'>, version: number) {
  const stateDir = statesFor(lab).dir
  const services = [
    ['primary', '/primary'],
    ['replica', '/replica'],
    ['default', '/primary'],
    ['offline', '/replica'],
  ] as const
  return Object.fromEntries(
    services.map(([short, path], index) => {
      const name = `pg-test-${short}`
      const servers = members.map((member) => serverLine(member))
      const text = serviceText({ name, port: ports[index] ?? 0, path, stateDir, interS: 2, servers })
        .replace('fastinter 2s', 'fastinter 1s')
        .replace('    mode tcp\n', `    mode tcp\n    maxconn ${5_000 + version}\n`)
      return [`${name}.cfg`, text]
    }),
  )
}

async function reloadOurs({ engine, ...scene }: Scene, version: number): Promise<void> {
  const outcome = await engine.publish(version, { 'pg-test': { 'pg-test-1': fileSet(scene, version) } })
  if (outcome.kind !== 'applied' || outcome.change === 'none')
    throw new Error(`no reload: ${JSON.stringify(outcome)}`)
}

async function reloadPlain({ lab }: Scene): Promise<void> {
  const before = await lab.workerPid()
  process.kill(await lab.masterPid(), 'SIGUSR2')
  await until(async () => {
    const now = await lab.workerPid()
    return now > 0 && now !== before
  }, 10_000)
}

/** Counts what `work` and the time after it do to new connections. */
async function counted(clients: Clients, tally: Tally, work: () => Promise<void>): Promise<void> {
  clients.countIn(tally)
  await work()
  await sleep(SETTLE_MS)
  clients.countIn(newTally())
  // What comes next is not to be blamed on this one.
  await clients.ended(tally)
}

async function startOnce(
  scene: Scene,
  withStates: boolean,
): Promise<{ stray: number; firstWriteMs: number }> {
  const { lab, clients } = scene
  const world = { files: systemFiles(), clock: systemClock(), states: statesFor(lab) }
  await lab.stop()
  const tally = newTally()
  const startedMs = performance.now()
  await counted(clients, tally, async () => {
    if (withStates) await writeColdStartRows(world, lab.serviceDir)
    await lab.start()
    await world.states.handOver.clear(world.states.dir)
  })
  await until(() => tally.firstLedMs !== undefined, 10_000)
  return { stray: tally.stray, firstWriteMs: (tally.firstLedMs ?? 0) - startedMs - LAB_WAIT_MS }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function measure(scene: Scene, reloads: number): Promise<Figures & Record<string, unknown>> {
  const [ours, plain] = [newTally(), newTally()]
  for (let n = 1; n <= reloads; n += 1) {
    await counted(scene.clients, ours, () => reloadOurs(scene, n + 1))
    await counted(scene.clients, plain, () => reloadPlain(scene))
    process.stdout.write(`reload ${n}: stray ours ${ours.stray}, plain ${plain.stray}\n`)
  }
  let plainReloads = reloads
  while (plain.stray === 0 && plainReloads < reloads + MORE_PLAIN) {
    await counted(scene.clients, plain, () => reloadPlain(scene))
    plainReloads += 1
  }
  const starts = Math.max(1, Math.round(reloads / 5))
  const [startsOurs, startsPlain] = [[], []] as { stray: number; firstWriteMs: number }[][]
  for (let n = 1; n <= starts; n += 1) {
    startsOurs?.push(await startOnce(scene, true))
    startsPlain?.push(await startOnce(scene, false))
    process.stdout.write(`start ${n}\n`)
  }
  const strays = (all: typeof startsOurs = []) => all.reduce((sum, { stray }) => sum + stray, 0)
  const first = (all: typeof startsOurs = []) =>
    Math.round(median(all.map(({ firstWriteMs }) => firstWriteMs)))
  return {
    name: 'reload',
    reloads,
    stray_ours: ours.stray,
    refused_ours: ours.refused,
    connections_ours: ours.connections,
    plain_reloads: plainReloads,
    stray_plain: plain.stray,
    refused_plain: plain.refused,
    connections_plain: plain.connections,
    starts,
    stray_start_ours: strays(startsOurs),
    stray_start_plain: strays(startsPlain),
    first_write_ms_p50: first(startsOurs),
    first_write_plain_ms_p50: first(startsPlain),
    haproxy: execFileSync('haproxy', ['-v'], { encoding: 'utf8' }).split(' ')[2],
    node: process.version,
  }
}

async function setUp(): Promise<Scene> {
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const members = [
    await startMember('pg-test-1', '/primary'),
    await startMember('pg-test-2', '/replica'),
    await startMember('pg-test-3', '/replica'),
  ]
  const ports = await freePorts(4)
  const lab = await createHaproxyLab()
  for (const [name, text] of Object.entries(fileSet({ lab, members, ports }, 0))) await lab.put(name, text)
  await lab.start()
  const engine = await testEngine(lab)
  const clients = startClients(ports[0] ?? 0, 'pg-test-1')
  const scene = { lab, engine, clients, members, ports }
  // The first publish takes the files over; the first checks are still to come.
  await reloadOurs(scene, 1)
  await sleep(2 * SETTLE_MS)
  return scene
}

const scene = await setUp()
try {
  const figures = await measure(scene, reloadsWanted())
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  const wrong = whatIsWrong(figures)
  for (const sentence of wrong) process.stderr.write(`bench: ${sentence}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  await scene.clients.stop()
  await scene.lab.destroy()
  for (const member of scene.members) await member.close()
}
