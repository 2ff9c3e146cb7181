/**
 * What an agent costs its node: the self-contained program with the environment of its unit, one stream to a real
 * controller, a real HAProxy, and the default polling of a Patroni (a stand-in) beside it.
 *
 * Each figure beside that of a bare `node -e` of the same runtime on the same host in the same run:
 * start_to_connected_ms beside the time until that one has run its first line, memory and processor time beside those of
 * one that only waits.
 *
 * Usage: main.ts --json [--starts N] [--idle SECONDS] [--applies N]
 */
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Host, HostProcess } from '../../lab/host.ts'
import { waitFor } from '../../lab/process.ts'
import { type System, startSystem } from '../../lab/system.ts'
import { ensureProgram } from '../../lab/systemd/packaged.ts'
import { cpuSeconds, type Held, heldBy } from './usage.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    starts: { type: 'string', default: '5' },
    idle: { type: 'string', default: '120' },
    applies: { type: 'string', default: '1000' },
    program: { type: 'string' },
  },
})
const starts = atLeast(1, '--starts', values.starts)
const idleS = atLeast(1, '--idle', values.idle)
const applies = atLeast(1, '--applies', values.applies)
const NODE = 'pg-test-1'
/** maxconn of the service that is changed, as the lab's inventory has it. */
const FIRST_MAXCONN = 5_000
/** What a start has made is collected by then. */
const SETTLE_MS = 20_000

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

/** Starts a bare runtime that says when it ran its first line, and then waits. */
async function startBare(host: Host, turn: number): Promise<Start> {
  const log = host.file(`/run/log/bench-bare-${turn}.log`)
  const startedAt = Date.now()
  const script = 'console.log(Date.now()); setInterval(() => undefined, 2 ** 30)'
  const process = await host.spawn(`bench-bare-${turn}`, [globalThis.process.execPath, '-e', script])
  const at = await waitFor('the bare runtime to start', () => Number(readFileSync(log, 'utf8')) || undefined)
  return { process, ms: at - startedAt }
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
  await sleep(SETTLE_MS)
  const { pid } = last.process
  const [usedS, sinceMs] = [cpuSeconds(pid), performance.now()]
  await sleep(idleS * 1_000)
  const share = (cpuSeconds(pid) - usedS) / ((performance.now() - sinceMs) / 1_000)
  return { startMs: median(times), idle: heldBy(pid), idleCpuPercent: share * 100, last }
}

/** Each one is a real change with a reload. */
async function applyMany(system: System): Promise<void> {
  for (let n = 0; n < applies; n += 1) {
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
  const bare = await costOf((turn) => startBare(host, turn))
  await stop(bare.last)
  const agent = await costOf((turn) => startAgent(host, program, turn))
  await applyMany(system)
  await sleep(SETTLE_MS)
  const after = heldBy(agent.last.process.pid)
  const compared = (name: string, ours: number, theirs: number) => ({
    [name]: round(ours),
    [`${name}_bare`]: round(theirs),
    [`${name}_ratio`]: round(ours / theirs),
  })
  const result = {
    bench: 'agent',
    ...{ starts, idle_s: idleS, applies },
    ...compared('rss_mb', agent.idle.rssMb, bare.idle.rssMb),
    ...compared('anon_mb', agent.idle.anonMb, bare.idle.anonMb),
    ...compared('rss_after_applies_mb', after.rssMb, bare.idle.rssMb),
    ...compared('anon_after_applies_mb', after.anonMb, bare.idle.anonMb),
    idle_cpu_percent: round(agent.idleCpuPercent),
    idle_cpu_percent_bare: round(bare.idleCpuPercent),
    ...compared('start_to_connected_ms', agent.startMs, bare.startMs),
    ...compared('file_mb', statSync(program).size / 1e6, statSync(process.execPath).size / 1e6),
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await system.stop()
}
