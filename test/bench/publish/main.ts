/**
 * How long `pgsql-svc pg-test` takes on three nodes when something changed, beside what HAProxy alone needs.
 *
 * Wall: from the start of the program to its exit, in the admin host's shell. Floor, in the same run: bare
 * `haproxy -c` and reload on all three nodes at the same time, until the new worker answers; the slowest node.
 * The cost of entering a host (nsenter) is in both and is reported, not subtracted.
 *
 * Usage: main.ts --json [--runs N]
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { HAPROXY_ARGS, signalReload, workerPid } from '../../lab/haproxy.ts'
import type { Host } from '../../lab/host.ts'
import { mustRun, waitFor } from '../../lab/process.ts'
import { type System, startSystem } from '../../lab/system.ts'
import { readArguments } from '../arguments.ts'

const DEFAULT_RUNS = 15
const SETTLE_MS = 700
/** maxconn of the service that is changed, as the lab's inventory has it. */
const FIRST_MAXCONN = 5_000

/** Steps of an agent as `pgsql-svc` prints them, and their names in the result. */
const STEPS = {
  staged: 'agent_stage_ms',
  validated: 'agent_validate_ms',
  swapped: 'agent_swap_ms',
  'new worker confirmed': 'agent_reload_ms',
} as const

interface Run {
  readonly wallMs: number
  /** Slowest node's time for each of STEPS, by its name in the result. */
  readonly stepsMs: ReadonlyMap<string, number>
  readonly floorMs: number
  readonly checkMs: number
  readonly reloadMs: number
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Bare check and reload on one node, each timed. */
async function bareReload(node: Host): Promise<{ checkMs: number; reloadMs: number }> {
  const files = HAPROXY_ARGS.slice(1, 5)
  const checkMs = await timeMs(() => node.must(['haproxy', '-c', '-q', ...files]))
  const before = await workerPid(node)
  const reloadMs = await timeMs(async () => {
    await signalReload(node)
    await waitFor('the new worker', async () => ((await workerPid(node)) === before ? undefined : true), {
      everyMs: 2,
    })
  })
  return { checkMs, reloadMs }
}

function slowestSteps(output: string): ReadonlyMap<string, number> {
  const entries = Object.entries(STEPS).map(([words, name]) => {
    const times = [...output.matchAll(new RegExp(`${words} \\((\\d+) ms\\)`, 'g'))].map((match) =>
      Number(match[1]),
    )
    return [name, Math.max(...times)] as const
  })
  return new Map(entries)
}

async function publishOnce(system: System): Promise<Pick<Run, 'wallMs' | 'stepsMs'>> {
  let status: number | null = null
  let output = ''
  const wallMs = await timeMs(async () => {
    const result = await system.run('exec pgsql-svc pg-test')
    status = result.status
    output = result.stdout + result.stderr
  })
  if (status !== 0) throw new Error(`pgsql-svc pg-test: status ${status}\n${output}`)
  return { wallMs, stepsMs: slowestSteps(output) }
}

async function oneRun(system: System, index: number): Promise<Run> {
  // A value never used before: agents remember what they have validated, and would skip the check.
  const [from, to] = [`maxconn: ${FIRST_MAXCONN + index}`, `maxconn: ${FIRST_MAXCONN + index + 1}`]
  await system.edit(from, to)
  const published = await publishOnce(system)
  await sleep(SETTLE_MS)
  const bare = await Promise.all(system.nodes.map(bareReload))
  await sleep(SETTLE_MS)
  return {
    ...published,
    floorMs: Math.max(...bare.map((node) => node.checkMs + node.reloadMs)),
    checkMs: Math.max(...bare.map((node) => node.checkMs)),
    reloadMs: Math.max(...bare.map((node) => node.reloadMs)),
  }
}

function stepMedian(runs: readonly Run[], name: string): number {
  return median(runs.map((run) => run.stepsMs.get(name) ?? Number.NaN))
}

async function medianOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const values: number[] = []
  for (let n = 0; n < times; n++) values.push(await timeMs(work))
  return median(values)
}

function runsWanted(): number {
  return readArguments(process.argv.slice(2), ['--runs']).count('--runs', DEFAULT_RUNS, 1)
}

async function measure(system: System): Promise<Record<string, unknown>> {
  await publishOnce(system) // the first publish makes everything; what is measured is a change
  await sleep(SETTLE_MS)
  const runs: Run[] = []
  for (let index = 0; index < runsWanted(); index++) {
    const run = await oneRun(system, index)
    process.stdout.write(`run ${index + 1}: wall ${round(run.wallMs)} ms, floor ${round(run.floorMs)} ms\n`)
    runs.push(run)
  }
  const wallMs = median(runs.map((run) => run.wallMs))
  const floorMs = median(runs.map((run) => run.floorMs))
  return {
    name: 'publish',
    wall_ms: round(wallMs),
    floor_ms: round(floorMs),
    ratio_floor: Math.round((wallMs / floorMs) * 100) / 100,
    goal_ms: round(1.5 * floorMs + 150),
    parts: {
      ...Object.fromEntries(Object.values(STEPS).map((name) => [name, stepMedian(runs, name)])),
      floor_check_ms: round(median(runs.map((run) => run.checkMs))),
      floor_reload_ms: round(median(runs.map((run) => run.reloadMs))),
      cli_start_ms: round(await medianOf(5, () => system.run('exec pgsql-svc --help'))),
      nsenter_ms: round(await medianOf(5, () => system.admin.must(['true']))),
    },
    wall_min_ms: round(Math.min(...runs.map((run) => run.wallMs))),
    wall_max_ms: round(Math.max(...runs.map((run) => run.wallMs))),
    runs: runs.length,
    nodes: system.nodes.length,
    change: 'maxconn of one of five services',
    haproxy: (await mustRun('haproxy', ['-v'])).split(' ')[2],
    node: process.version,
  }
}

const system = await startSystem()
try {
  const result = await measure(system)
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await system.stop()
}
