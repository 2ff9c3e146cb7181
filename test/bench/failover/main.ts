/**
 * How long nobody can write when the leader of a cluster changes, on real PostgreSQL clusters under Patroni: HAProxy
 * alone, with the seed's options and with those of Pigsty 4.5, beside pgsvc with each source of hints.
 *
 * Clients write every 10 ms through the HAProxy of another host than the leader's, on a member and on a proxy, to pgbouncer
 * and to PostgreSQL: one that reconnects after every error, one that stays as long as it is let, and a new connection
 * every 30 ms. A watcher asks the members directly, so that the window can be split: until the new leader's `/primary`
 * answers 200, until it takes a write, and from then until a write through HAProxy is acknowledged. Before every change
 * HAProxy is reloaded as anybody does it, so that sessions are left in an old worker.
 *
 * Changes are planned switchovers, kills of Patroni and PostgreSQL (`kill -9`), and faults that leave a primary running
 * that has lost its lock (Patroni alone frozen, or killed). Patroni's clock is the lab's fast one: ttl 20, loop_wait 5.
 *
 * Usage: main.ts --json [--runs N] [--kills N] [--only MODE,...] [--rest SECONDS]. With --kills 0 only switchovers are run.
 * The status is 1 for what must never be (verdict.ts), never for a time.
 */
import { execFileSync } from 'node:child_process'
import { FAST_TIMINGS } from '../../lab/real/patroni-config.ts'
import { startRealSystem } from '../../lab/real/real-system.ts'
import { PARTS } from '../../lab/real/topology.ts'
import type { Bench } from './bench.ts'
import { runDuo } from './duo.ts'
import { detailsOf, figuresOf, type Results } from './figures.ts'
import { CALLBACK, enterMode, freshAgents, isStock, type Mode } from './modes.ts'
import { type Options, parseOptions } from './options.ts'
import { startProgram } from './program.ts'
import { measureRest, type RestResult } from './rest.ts'
import { runRound } from './round.ts'
import type { RoundResult } from './round-result.ts'
import type { Fault } from './strike.ts'
import { DUO, MEMBER_TARGET, PROXY_TARGET, type Target } from './targets.ts'
import { whatIsWrong } from './verdict.ts'
import type { WatcherAnswer, WatcherRequest } from './watcher/marks.ts'
import type { WritersAnswer, WritersRequest } from './writers/record.ts'

const TARGETS = [MEMBER_TARGET, PROXY_TARGET]
const CLUSTERS = [...TARGETS.map(({ cluster }) => cluster), DUO.cluster]
/** Changes of one cluster that an agent sees: from the third on it lets files wait. */
const CHANGES_OF_AN_AGENT = 2
/** In these modes also: faults that leave the old primary running, and the cluster of two. */
const THOROUGH: readonly Mode[] = ['norm', 'default']
const DUO_RUNS: Readonly<Partial<Record<Mode, number>>> = { norm: 1, default: 3 }

async function setUp(): Promise<Bench> {
  const tags = { [MEMBER_TARGET.through]: { nofailover: true } }
  const system = await startRealSystem({ parts: PARTS, timings: FAST_TIMINGS, callback: CALLBACK, tags })
  const [writers, watcher] = await Promise.all([
    startProgram<WritersRequest, WritersAnswer>(system.admin, 'writers'),
    startProgram<WatcherRequest, WatcherAnswer>(system.admin, 'watcher'),
  ])
  for (const cluster of CLUSTERS) {
    const [leader] = system.cluster(cluster)
    const columns = 'round int, client int, seq int, PRIMARY KEY (round, client, seq)'
    await system.probe.sql(leader?.address ?? '', `CREATE TABLE bench_write (${columns})`)
  }
  return { system, writers, watcher, rounds: 0 }
}

/** Changes one after the other, with agents that are renewed when they have seen enough. */
function changer(bench: Bench, mode: Mode, rounds: RoundResult[]) {
  const seen = new Map<string, number>()
  return async (fault: Fault, targets: readonly Target[]) => {
    const isEnough = targets.some(({ cluster }) => (seen.get(cluster) ?? 0) >= CHANGES_OF_AN_AGENT)
    if (isEnough && !isStock(mode)) {
      await freshAgents(bench.system, mode)
      seen.clear()
    }
    for (const { cluster } of targets) seen.set(cluster, (seen.get(cluster) ?? 0) + 1)
    for (const result of await runRound(bench, { mode, fault, targets })) {
      rounds.push(result)
      process.stdout.write(`${lineOf(result)}\n`)
    }
  }
}

async function runMode(bench: Bench, mode: Mode, options: Options, results: Collected): Promise<void> {
  process.stdout.write(`mode ${mode}\n`)
  await enterMode(bench.system, mode, CLUSTERS)
  const change = changer(bench, mode, results.rounds)
  for (let run = 0; run < options.runs; run++) {
    for (const target of TARGETS) await change('switchover', [target])
  }
  for (let kill = 0; kill < options.kills; kill++) await change('kill', TARGETS)
  if (mode === 'default' && options.restSeconds > 0) {
    results.rest = await measureRest(bench.system, options.restSeconds)
  }
  if (options.kills === 0 || !THOROUGH.includes(mode)) return
  await change('freeze', TARGETS)
  await change('orphan', TARGETS)
  for (let run = 0; run < Math.min(DUO_RUNS[mode] ?? 0, options.runs); run++) {
    if (!isStock(mode)) await freshAgents(bench.system, mode)
    const result = await runDuo(bench)
    process.stdout.write(`${mode} duo ${JSON.stringify(result)}\n`)
    results.duo.push({ mode, result })
  }
}

interface Collected extends Results {
  readonly rounds: RoundResult[]
  readonly duo: { mode: Mode; result: Awaited<ReturnType<typeof runDuo>> }[]
  rest: RestResult | undefined
}

/** A round in one line. */
function lineOf({
  mode,
  fault,
  place,
  writers,
  sessionsGoneMs,
  readFailures,
  ...counts
}: RoundResult): string {
  const range = (values: readonly number[]) =>
    `${Math.round(Math.min(...values))}-${Math.round(Math.max(...values))}`
  const parts = [
    `window ${range(writers.map(({ windowMs }) => windowMs))} ms`,
    `until 200 ${range(writers.map(({ until200Ms }) => until200Ms))}`,
    `until writable ${range(writers.map(({ untilWritableMs }) => untilWritableMs))}`,
    `after ${range(writers.map(({ afterWritableMs }) => afterWritableMs))}`,
    `sessions gone ${range(sessionsGoneMs)}`,
    `double ${counts.doubleAcks}, lost ${counts.lostAcks} (and ${counts.overwrittenAcks} by a lock put over another's), strays ${counts.strays}`,
    `reads failed ${readFailures.replica}+${readFailures.offline} of ${counts.reads}`,
  ]
  return `${mode} ${fault} ${place}: ${parts.join('; ')}`
}

async function main(options: Options): Promise<void> {
  const bench = await setUp()
  try {
    const results: Collected = { rounds: [], duo: [], rest: undefined }
    for (const mode of options.modes) await runMode(bench, mode, options, results)
    const figures = figuresOf(results)
    const wrong = whatIsWrong(figures)
    for (const sentence of wrong) process.stderr.write(`bench: ${sentence}\n`)
    const run = {
      ...{ name: 'failover', runs: options.runs, kills: options.kills, modes: options.modes },
      patroni: FAST_TIMINGS,
    }
    const haproxy = execFileSync('haproxy', ['-v'], { encoding: 'utf8' }).split(' ')[2]
    const rest = { details: detailsOf(results.rounds), haproxy, node: process.version }
    process.stdout.write(`${JSON.stringify({ ...run, ...figures, ...rest })}\n`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  } finally {
    await Promise.all([bench.writers.stop(), bench.watcher.stop()])
    await bench.system.stop()
  }
}

await main(parseOptions(process.argv.slice(2)))
