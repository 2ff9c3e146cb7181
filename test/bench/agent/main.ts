/**
 * What an agent costs its node: the self-contained program with the environment of its unit, one stream to a real
 * controller, a real HAProxy, and the default polling of a Patroni (a stand-in) beside it.
 *
 * Each figure beside those of the same runtime on the same host in the same run: `_bare` is a `node -e` that has run its
 * first line and waits, `_floor` one that holds a connection like ours and asks what has to be asked (floor.cjs).
 *
 * All are installed first, as a package writes them and a node has them after a restart: how much of a file is resident
 * hangs on the pieces in which it got into the page cache (docs/cost.md).
 *
 * Usage: main.ts --json [--starts N] [--settle SECONDS] [--idle SECONDS] [--applies N]
 */
import { cpSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { controllerDnsName } from '../../../shared/pki/identity.ts'
import type { Host, HostProcess } from '../../lab/host.ts'
import { mustRun, waitFor } from '../../lab/process.ts'
import { type System, startSystem } from '../../lab/system.ts'
import { ensureProgram } from '../../lab/systemd/packaged.ts'
import { cpuSeconds, type Held, heldBy } from './usage.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    starts: { type: 'string', default: '5' },
    settle: { type: 'string', default: '20' },
    idle: { type: 'string', default: '120' },
    applies: { type: 'string', default: '1000' },
    program: { type: 'string' },
  },
})
const starts = atLeast(1, '--starts', values.starts)
/** What a start has made is collected by then, with the default. */
const settleMs = 1_000 * atLeast(1, '--settle', values.settle)
const idleS = atLeast(1, '--idle', values.idle)
const applies = atLeast(1, '--applies', values.applies)
const NODE = 'pg-test-1'
/** maxconn of the service that is changed, as the lab's inventory has it. */
const FIRST_MAXCONN = 5_000

function atLeast(least: number, name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) throw new Error(`${name} takes a whole number from ${least}`)
  return value
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN
}

/** The environment that its unit gives it. */
function unitEnvironment(): Record<string, string> {
  const unit = readFileSync(
    path.join(import.meta.dirname, '../../../packaging/systemd/pgsvc-agent.service'),
    'utf8',
  )
  const pairs = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
  return Object.fromEntries(pairs)
}

interface Start {
  readonly process: HostProcess
  readonly ms: number
}

/** Starts the agent, and takes from its log when it was connected. */
async function startAgent(host: Host, program: string, turn: number): Promise<Start> {
  const log = host.file(`/run/log/bench-agent-${turn}.log`)
  const startedAt = Date.now()
  const process = await host.spawn(`bench-agent-${turn}`, [program, 'agent'], unitEnvironment())
  const at = await waitFor('the agent to connect', () => {
    const line = readFileSync(log, 'utf8')
      .split('\n')
      .find((one) => one.includes('"connected"'))
    return line === undefined ? undefined : Number(JSON.parse(line).time)
  })
  return { process, ms: at - startedAt }
}

/** Starts the runtime with a script of its own, which says when it has got as far as the agent has to. */
async function startRuntime(host: Host, name: string, args: readonly string[], turn: number): Promise<Start> {
  const log = host.file(`/run/log/bench-${name}-${turn}.log`)
  const startedAt = Date.now()
  const process = await host.spawn(`bench-${name}-${turn}`, [runtimeOnHost, ...args], unitEnvironment())
  const at = await waitFor(`${name} to start`, () => Number(readFileSync(log, 'utf8')) || undefined)
  return { process, ms: at - startedAt }
}

const programOnHost = '/opt/bench-pgsvc'
const runtimeOnHost = '/opt/bench-node'
const floorOnHost = '/opt/bench-floor.cjs'

/** Only waits. */
const bareArgs = ['-e', 'console.log(Date.now()); setInterval(() => undefined, 2 ** 30)']

function floorArgs(host: Host): readonly string[] {
  return [floorOnHost, '10.10.10.10:9750', controllerDnsName, host.address, '8008', '/run/haproxy.sock']
}

/** Written in pieces as dpkg writes, and then read from the disk again, as after a restart. */
async function install(host: Host, from: string, to: string): Promise<void> {
  const file = host.file(to)
  await mustRun('dd', [`if=${from}`, `of=${file}`, 'bs=32k', 'conv=fsync', 'status=none'])
  await mustRun('chmod', ['755', file])
  await mustRun('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'])
}

async function stop({ process }: Start): Promise<void> {
  process.kill('SIGTERM')
  await process.exited
}

interface Cost {
  readonly startMs: number
  readonly idle: Held
  readonly idleCpuPercent: number
}

/** Cost of a program at rest: the last of some starts is looked at. */
async function costOf(start: (turn: number) => Promise<Start>): Promise<Cost & { readonly last: Start }> {
  const times: number[] = []
  let last = await start(0)
  times.push(last.ms)
  for (let turn = 1; turn < starts; turn += 1) {
    await stop(last)
    last = await start(turn)
    times.push(last.ms)
  }
  await sleep(settleMs)
  const { pid } = last.process
  const [usedS, sinceMs] = [cpuSeconds(pid), performance.now()]
  await sleep(idleS * 1_000)
  const share = (cpuSeconds(pid) - usedS) / ((performance.now() - sinceMs) / 1_000)
  return { startMs: median(times), idle: heldBy(pid), idleCpuPercent: share * 100, last }
}

/** Each one is a real change with a reload. */
async function applyMany(system: System, from: number, until: number): Promise<void> {
  for (let n = from; n < until; n += 1) {
    await system.edit(`maxconn: ${FIRST_MAXCONN + n}`, `maxconn: ${FIRST_MAXCONN + n + 1}`)
    const { status, stdout } = await system.run('pgsql-svc pg-test 10.10.10.11')
    if (status !== 0) throw new Error(`publish ${n} failed: ${stdout}`)
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

const program = values.program ?? (await ensureProgram())
const system = await startSystem()
try {
  await system.run('pgsql-svc pg-test')
  const host = system.lab.host(NODE)
  const before = system.agents.get(NODE)
  before?.kill('SIGTERM')
  await before?.exited
  await install(host, program, programOnHost)
  await install(host, process.execPath, runtimeOnHost)
  cpSync(path.join(import.meta.dirname, 'floor.cjs'), host.file(floorOnHost))
  const bare = await costOf((turn) => startRuntime(host, 'bare', bareArgs, turn))
  await stop(bare.last)
  const floor = await costOf((turn) => startRuntime(host, 'floor', floorArgs(host), turn))
  await stop(floor.last)
  const agent = await costOf((turn) => startAgent(host, programOnHost, turn))
  const { pid } = agent.last.process
  const half = Math.ceil(applies / 2)
  await applyMany(system, 0, half)
  await sleep(settleMs)
  const halfWay = heldBy(pid)
  await applyMany(system, half, applies)
  await sleep(settleMs)
  const after = heldBy(pid)
  const beside = (name: string, ours: number, theirs: Readonly<Record<string, number>>) => ({
    [name]: round(ours),
    ...Object.fromEntries(Object.entries(theirs).map(([whose, value]) => [`${name}_${whose}`, round(value)])),
    ...Object.fromEntries(
      Object.entries(theirs)
        .filter(([, value]) => value > 0)
        .map(([whose, value]) => [`${name}_${whose}_ratio`, round(ours / value)]),
    ),
  })
  const compared = (name: string, ours: number, of: (cost: Cost) => number) =>
    beside(name, ours, { bare: of(bare), floor: of(floor) })
  const result = {
    bench: 'agent',
    ...{ starts, settle_s: settleMs / 1_000, idle_s: idleS, applies },
    ...compared('rss_mb', agent.idle.rssMb, ({ idle }) => idle.rssMb),
    ...compared('anon_mb', agent.idle.anonMb, ({ idle }) => idle.anonMb),
    ...{ rss_half_way_mb: round(halfWay.rssMb), anon_half_way_mb: round(halfWay.anonMb) },
    ...{ rss_after_applies_mb: round(after.rssMb), anon_after_applies_mb: round(after.anonMb) },
    ...compared('idle_cpu_percent', agent.idleCpuPercent, ({ idleCpuPercent }) => idleCpuPercent),
    ...compared('start_to_connected_ms', agent.startMs, ({ startMs }) => startMs),
    ...beside('file_mb', statSync(program).size / 1e6, { bare: statSync(process.execPath).size / 1e6 }),
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await system.stop()
}
