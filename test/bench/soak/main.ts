/**
 * Applies without end: the real agent beside a real HAProxy follows one publish after the other of the real
 * controller, under traffic, and nothing may be left behind: no descriptor, process or file, and no more memory.
 * Then plain reloads (SIGUSR2) of the same HAProxy, as many, under the same traffic.
 *
 * Publishes are real changes, in turns: a service is added, a server gets another weight, a service another
 * destination, a service is removed. A hundred connections per second; every twentieth stays for 2 s, so that
 * reloads leave old workers behind.
 *
 * Usage: main.ts --json [--applies N]. The status is 1 when something was left behind.
 */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCli } from '../../../agent/haproxy/cli.ts'
import { openClient } from '../../../controller/cli/open-client.ts'
import { runSvc } from '../../../controller/cli/svc-command.ts'
import { initAuthority, issueCertificate } from '../../../controller/pki/pki.ts'
import { cluster, type PlanFile } from '../../crash/two-phase/cluster-plan.ts'
import { type AgentProcess, buildPrograms } from '../../crash/two-phase/programs.ts'
import { createHaproxyLab, freePorts, type HaproxyLab, until } from '../../support/haproxy-lab.ts'
import { readArguments } from '../arguments.ts'
import { atRest, leaksOf } from './at-rest.ts'
import { footprint, residentKb } from './footprint.ts'
import { newCounts, startGreeter, startTraffic, type Traffic } from './traffic.ts'

const DEFAULT_APPLIES = 1_000
/** The first ones load code and fill caches. */
const WARM_UP = 20
/** Changes until the files are of the same number again. */
const TURN = 4
/** Applies between two looks at all that is held. */
const SAMPLE_EVERY = 50
const NODE = 'n1'

interface Soak {
  readonly lab: HaproxyLab
  readonly agent: AgentProcess
  readonly statesDir: string
  readonly traffic: Traffic
  /** Edits the inventory for the n-th time and publishes. */
  publish(n: number): Promise<void>
}

function appliesWanted(): number {
  const applies = readArguments(process.argv.slice(2), ['--applies']).count('--applies', DEFAULT_APPLIES, 4)
  // Whole turns, so that as many files are there at the end as at the beginning.
  return Math.ceil(applies / TURN) * TURN
}

/** Every number differs from the one before it, in turns by a service, a weight, a destination, a service less. */
function filesOf(n: number, ports: readonly number[], servers: readonly number[]): Record<string, string> {
  const [port, other] = ports
  const [first, second] = Math.floor((n + 2) / 4) % 2 === 0 ? servers : [...servers].reverse()
  const weight = 1 + (Math.floor((n + 3) / 4) % 100)
  const file = (name: string, bind: number | undefined, server: string) =>
    `listen ${name}\n    bind 127.0.0.1:${bind}\n    mode tcp\n    balance roundrobin\n${server}`
  const files = {
    [`${cluster}-primary.cfg`]: file(
      `${cluster}-primary`,
      port,
      `    server s1 127.0.0.1:${first} weight ${weight}\n    server s2 127.0.0.1:${second} weight 50\n`,
    ),
  }
  // Added at 0, taken away at 3.
  if (n % TURN === TURN - 1) return files
  const more = file(`${cluster}-more`, other, `    server s1 127.0.0.1:${first}\n`)
  return { ...files, [`${cluster}-more.cfg`]: more }
}

async function publishOrThrow(address: string): Promise<void> {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  const terminal = {
    stdout: write,
    stderr: write,
    setExitCode: () => undefined,
    env: { PGSVC_CONTROLLER: address },
    isTty: false,
    size: () => ({ columns: 0, rows: 0 }),
    monotonic: () => performance.now(),
    onInterrupt: () => () => undefined,
  }
  const status = await runSvc([cluster], terminal, openClient)
  if (status !== 0) throw new Error(`pgsql-svc: status ${status}\n${text}`)
}

/** Least squares: kB per apply. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [above, below] = [0, 0]
  for (const [i, value] of values.entries()) {
    above += (i - middle) * (value - mean)
    below += (i - middle) ** 2
  }
  return above / below
}

async function oursUnderTraffic(soak: Soak, applies: number) {
  const { traffic, agent } = soak
  for (let n = 1; n <= WARM_UP; n += 1) await soak.publish(n)
  const look = () => footprint(agent.pid, soak.lab, soak.statesDir)
  const before = await atRest(look)
  const counts = newCounts()
  const resident: number[] = []
  const heap: number[] = []
  const every = Math.max(1, Math.min(SAMPLE_EVERY, Math.floor(applies / 6)))
  let mostOldWorkers = 0
  const startedMs = performance.now()
  traffic.countIn(counts)
  for (let n = 1; n <= applies; n += 1) {
    await soak.publish(WARM_UP + n)
    resident.push(residentKb(agent.pid))
    if (n % every !== 0) continue
    heap.push(await agent.heapKb())
    const { oldWorkers, descriptors } = await look()
    mostOldWorkers = Math.max(mostOldWorkers, oldWorkers.length)
    process.stdout.write(
      `apply ${n}: ${descriptors.length} descriptors, ${resident.at(-1)} kB of which ${heap.at(-1)} in use, ${oldWorkers.length} old workers, ${JSON.stringify(counts)}\n`,
    )
  }
  const seconds = (performance.now() - startedMs) / 1000
  traffic.countIn(newCounts())
  const after = await atRest(look, before)
  return {
    before,
    after,
    counts,
    resident,
    heap,
    slopeKb: slopeOf(heap.slice(Math.floor(heap.length / 2))) / every,
    mostOldWorkers,
    seconds,
  }
}

type Ours = Awaited<ReturnType<typeof oursUnderTraffic>>

/** HAProxy alone: a reload, then the new worker's first answer. */
async function plainUnderTraffic({ lab, traffic }: Soak, reloads: number) {
  const counts = newCounts()
  const startedMs = performance.now()
  traffic.countIn(counts)
  for (let n = 1; n <= reloads; n += 1) {
    const before = await lab.workerPid()
    // A signal that comes while the master starts itself anew is lost.
    const isMasterUp = () =>
      systemCli()
        .ask(lab.masterSocket, 'show proc', 1_000)
        .then(Boolean, () => false)
    await until(isMasterUp, 10_000)
    process.kill(await lab.masterPid(), 'SIGUSR2')
    await until(async () => ![before, Number.NaN].includes(await lab.workerPid()), 10_000)
  }
  const seconds = (performance.now() - startedMs) / 1000
  traffic.countIn(newCounts())
  return { counts, seconds }
}

/** What must not be, whatever the number of applies. */
function faultsOf({ before, after, heap, counts }: Ours): readonly string[] {
  const [first = Number.NaN, last = Number.NaN] = [heap[0], heap.at(-1)]
  return [
    ...leaksOf(before, after),
    ...(last <= 1.25 * first
      ? []
      : [`${last} kB of memory in use at the end, ${first} kB at the first look`]),
    ...(counts.cut === 0 ? [] : [`${counts.cut} sessions were cut`]),
  ]
}

async function measure(soak: Soak, applies: number) {
  const ours = await oursUnderTraffic(soak, applies)
  const plain = await plainUnderTraffic(soak, applies)
  const { before, after, resident } = ours
  const quarter = Math.max(1, Math.floor(resident.length / 4))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const failed = ({ refused, silent, cut }: typeof ours.counts) => ({ refused, silent, cut })
  const result = {
    name: 'soak',
    applies,
    leaked_descriptors: after.descriptors.length - before.descriptors.length,
    leaked_master_descriptors: after.masterDescriptors.length - before.masterDescriptors.length,
    leaked_processes: after.children.length + after.oldWorkers.length,
    leaked_temporary_files: after.temporaryFiles.length,
    leaked_files: after.files.length - before.files.length,
    most_old_workers: ours.mostOldWorkers,
    rss_kb_first_quarter: Math.round(mean(resident.slice(0, quarter))),
    rss_kb_last_quarter: Math.round(mean(resident.slice(-quarter))),
    heap_kb_first: ours.heap[0],
    heap_kb_last: ours.heap.at(-1),
    heap_slope_kb_per_apply_second_half: round(ours.slopeKb),
    applies_per_s: round(applies / ours.seconds),
    connections_ours: ours.counts.connections,
    failed_ours: failed(ours.counts),
    plain_reloads: applies,
    plain_reloads_per_s: round(applies / plain.seconds),
    connections_plain: plain.counts.connections,
    failed_plain: failed(plain.counts),
    haproxy: execFileSync('haproxy', ['-v'], { encoding: 'utf8' }).split(' ')[2],
    node: process.version,
  }
  return { result, faults: faultsOf(ours) }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

async function main(applies: number): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const programs = await buildPrograms()
  const lab = await createHaproxyLab()
  const greeters = [await startGreeter(), await startGreeter()]
  const ports = await freePorts(2)
  const { dir } = lab
  initAuthority(dir, Date.now())
  issueCertificate({ kind: 'controller' }, { dir, out: dir, days: 1, nowMs: Date.now() })
  issueCertificate({ kind: 'node', name: NODE }, { dir, out: dir, days: 1, nowMs: Date.now() })
  const planFile = join(dir, 'plan.json')
  const writePlan = (n: number) => {
    const servers = greeters.map(({ port }) => port)
    writeFileSync(
      planFile,
      JSON.stringify({ nodes: { [NODE]: filesOf(n, ports, servers) } } satisfies PlanFile),
    )
  }
  writePlan(0)
  await lab.start()
  const socket = join(dir, 'c.sock')
  const tls = (name: string) => ({
    tlsCa: join(dir, 'ca.crt'),
    tlsCert: join(dir, `${name}.crt`),
    tlsKey: join(dir, `${name}.key`),
  })
  const controller = programs.controller({
    flags: {
      ...tls('controller'),
      ...{ listen: '127.0.0.1:0', socket, stateDir: join(dir, 'controller'), logLevel: 'warn' },
    },
    planFile,
    killAt: undefined,
  })
  const statesDir = `/run/pgsvc/${basename(dir)}/server-state`
  const agent = programs.agent({
    flags: {
      ...tls(`node-${NODE}`),
      ...{ node: NODE, controllers: `127.0.0.1:${await controller.up}`, stateDir: join(dir, 'state') },
      ...{ haproxyConfig: lab.config, haproxyPidfile: lab.pidFile, metricsFile: join(dir, 'pgsvc.prom') },
      ...{ follow: 'off', notifySocket: '' },
      logLevel: 'warn',
    },
    statesDir,
  })
  const publish = async (n: number) => {
    writePlan(n)
    await publishOrThrow(`unix:${socket}`)
  }
  // Its first stream may still be on its way.
  for (let tries = 1; ; tries += 1) {
    const problem = await publish(0).catch((error: unknown) => error)
    if (problem === undefined) break
    if (tries === 20) throw problem
    await sleep(250)
  }
  const traffic = startTraffic(ports[0] ?? 0)
  try {
    const { result, faults } = await measure({ lab, agent, statesDir, traffic, publish }, applies)
    for (const fault of faults) process.stdout.write(`soak: FAILED: ${fault}\n`)
    process.stdout.write(`${JSON.stringify(result)}\n`)
    process.exitCode = faults.length === 0 ? 0 : 1
  } finally {
    await traffic.stop()
    await Promise.all([agent.kill(), controller.kill()])
    for (const greeter of greeters) greeter.close()
    await lab.destroy()
    await programs.remove()
  }
}

await main(appliesWanted())
