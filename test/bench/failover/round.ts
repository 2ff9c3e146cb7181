/** One change of leader under traffic, and what became of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../lab/process.ts'
import { etcdEndpoint } from '../../lab/real/etcd.ts'
import type { Bench } from './bench.ts'
import { nowMs } from './clock.ts'
import type { Mode } from './modes.ts'
import { type RoundResult, resultOf } from './round-result.ts'
import { makeScene, type Scene, startTraffic } from './scene.ts'
import { type Fault, PROMOTE_MS, repair, strike } from './strike.ts'
import type { Target } from './targets.ts'
import type { Marks } from './watcher/marks.ts'

/** Longest time that HAProxy is given to find the new leader. */
const FIND_MS = 30_000
/** How long is looked on when everybody writes again: agents move files after 3 s. */
const LINGER_MS = 5_000
/** Longer than any interval of checks: where in it the fault falls is left to chance. */
const PHASE_MS = 3_000
/** Of the questions to `/primary`: a kill takes so long that they must be fewer. */
const ASK_EVERY_MS: Readonly<Record<Fault, number>> = { switchover: 20, kill: 50, freeze: 50, orphan: 50 }

/** Runs a fault on one cluster or, at the same time, on several. */
export async function runRound(
  bench: Bench,
  {
    mode,
    fault,
    targets,
  }: { readonly mode: Mode; readonly fault: Fault; readonly targets: readonly Target[] },
): Promise<readonly RoundResult[]> {
  const round = ++bench.rounds
  const newId = counter()
  const scenes = await Promise.all(targets.map((target) => makeScene(bench, target, fault, round, newId)))
  await startTraffic(bench, scenes)
  await sleep(Math.random() * PHASE_MS)
  await Promise.all(scenes.map((scene) => startWatch(bench, scene, fault, round)))
  const faultMs = nowMs()
  await Promise.all(scenes.map((scene) => strike(bench.system, scene, fault)))
  const looks = await Promise.all(scenes.map((scene) => seeThrough(bench, scene)))
  const { records = [] } = await bench.writers.ask({ do: 'stop' })
  return await Promise.all(
    scenes.map(async (scene, index) => {
      const seen = looks[index]
      if (seen === undefined) throw new Error('a cluster that was not watched')
      await repair(bench.system, scene, fault)
      // Only now: what is mended may take the lock once more.
      const { lock } = (await bench.watcher.ask({ do: 'stop', cluster: scene.target.cluster })).marks
      const marks = { ...seen, lock }
      return await resultOf(bench.system, scene, { mode, fault, round, faultMs, marks, records })
    }),
  )
}

function counter(): () => number {
  let last = 0
  return () => ++last
}

async function startWatch(
  { system, watcher }: Bench,
  { target, leader, members }: Scene,
  fault: Fault,
  round: number,
): Promise<void> {
  const candidates = members.filter(({ name }) => target.candidates.some((one) => one === name))
  const order = { round, cluster: target.cluster, leader, candidates, askEveryMs: ASK_EVERY_MS[fault] }
  await watcher.ask({ do: 'start', etcd: etcdEndpoint(system.admin), ...order })
  await sleep(300)
}

/** Until everybody who writes does so again, and some seconds more. */
async function seeThrough({ writers, watcher }: Bench, scene: Scene): Promise<Marks> {
  const { cluster } = scene.target
  const look = async () => (await watcher.ask({ do: 'look', cluster })).marks
  const next = await waitFor(`another leader of ${cluster}`, async () => (await look()).next, {
    timeoutMs: PROMOTE_MS,
    everyMs: 100,
  })
  const deadlineMs = nowMs() + FIND_MS
  const ids = new Set(scene.writers.map(({ id }) => id))
  const isBack = async () => {
    const { progress = [] } = await writers.ask({ do: 'progress' })
    return progress.every(({ id, instance }) => !ids.has(id) || instance === next)
  }
  while (!(await isBack()) && nowMs() < deadlineMs) await sleep(100)
  await sleep(LINGER_MS)
  return await look()
}
