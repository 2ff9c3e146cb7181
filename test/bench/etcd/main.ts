/**
 * What it costs the controller to watch etcd, and how soon it knows.
 *
 * A real etcd on loopback, filled as Patroni fills it for many clusters, whose writes go on at the pace of its loop
 * in a process of their own. This process does nothing but watch: its CPU is the watch's, first while nothing is
 * written, then while everything is. Then leaders change, and the time until each hint counts.
 *
 * Usage: main.ts --json [--clusters N] [--seconds N]
 */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { watchLeaders } from '../../../controller/etcd/watch-leaders.ts'
import type { OutsideHint } from '../../../controller/leaders/leader-desk.ts'
import { systemClock } from '../../../shared/ports/clock.ts'
import { createEtcdLab } from '../../support/etcd-lab.ts'
import { until } from '../../support/haproxy-lab.ts'
import { readArguments } from '../arguments.ts'
import { put } from './json-gateway.ts'

const membersPerCluster = 3
/** Pigsty's: a third of pg_rto, 30 s. */
const loopMs = 10_000
const changes = 200

/** Percent of one core that this process uses while it waits. */
async function cpuPercent(seconds: number): Promise<number> {
  const [from, before] = [performance.now(), process.cpuUsage()]
  await sleep(seconds * 1_000)
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 10 / (performance.now() - from)
}

async function main(clusters: number, seconds: number): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  const lab = await createEtcdLab()
  const endpoint = lab.endpoints[0] ?? ''
  const names = Array.from({ length: clusters }, (_, i) => `pg-${String(i).padStart(4, '0')}`)
  for (const name of names) await put(endpoint, `/pg/${name}/leader`, `${name}-1`)
  const stop = new AbortController()
  const files = { etcd_ca: '', etcd_cert: '', etcd_key: '', etcd_password_file: '' }
  let hinted: (hint: OutsideHint) => void = () => {}
  const ports = {
    ...{ clock: systemClock(), log: pino({ level: 'silent' }), random: Math.random },
    hint: (hint: OutsideHint) => hinted(hint),
  }
  const settings = { endpoints: lab.endpoints, prefix: '/pg/', user: '', files }
  const watch = watchLeaders(ports, settings, stop.signal)
  await until(() => watch.state().kind === 'watching', 60_000)
  await sleep(2_000)
  const idle = await cpuPercent(seconds)

  const args = [endpoint, String(clusters), String(membersPerCluster), String(loopMs)]
  const patroni = spawn(process.execPath, [join(import.meta.dirname, 'patroni/main.ts'), ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  await sleep(2_000)
  const before = await revision(lab)
  const busy = await cpuPercent(seconds)
  const written = (await revision(lab)) - before

  const delays: number[] = []
  for (let n = 0; n < changes; n += 1) {
    const name = names[n % clusters] ?? ''
    const startedMs = performance.now()
    const heard = new Promise<number>((resolve) => {
      hinted = ({ scope }) => scope === name && resolve(performance.now() - startedMs)
    })
    await put(endpoint, `/pg/${name}/leader`, `${name}-${2 + (Math.floor(n / clusters) % 2)}`)
    delays.push(await heard)
  }
  delays.sort((a, b) => a - b)
  const result = {
    ...{ clusters, members_per_cluster: membersPerCluster, loop_ms: loopMs, seconds },
    changes_per_s: round(written / seconds),
    cpu_idle_percent: round(idle),
    cpu_busy_percent: round(busy),
    hint_ms_p50: round(delays[Math.floor(delays.length / 2)] ?? 0),
    hint_ms_max: round(delays.at(-1) ?? 0),
    node: process.version,
  }
  patroni.stdin.end()
  await once(patroni, 'exit')
  stop.abort()
  await watch.ended
  await lab.destroy()
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

async function revision(lab: Awaited<ReturnType<typeof createEtcdLab>>): Promise<number> {
  const text = await lab.ctl(['get', '/pg/none', '-w', 'json'])
  return Number(/"revision":(\d+)/.exec(text)?.[1])
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

const { count } = readArguments(process.argv.slice(2), ['--clusters', '--seconds'])
await main(count('--clusters', 100, 1), count('--seconds', 20, 1))
