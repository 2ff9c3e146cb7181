/** What following costs while nothing happens: processor time of Patroni with and without agents, and of the agents. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, processesOn } from '../../lab/host-processes.ts'
import type { RealSystem } from '../../lab/real/real-system.ts'
import { nowMs } from './clock.ts'
import { startAgents, stopAgents } from './modes.ts'

/** Percent of one core. */
export interface RestResult {
  /** Of the Patroni of a member, mean. */
  readonly patroniWithAgents: number
  readonly patroniWithout: number
  /** Of the member on which the agents cost the most. */
  readonly addedMost: number
  /** Processor time of Patroni for one `GET /patroni` over a new connection, milliseconds, mean of all members. */
  readonly patroniQuestionMs: number
  readonly agentMean: number
  readonly agentMost: number
}

/** With and without agents in turns, twice: other work on the machine must not be taken for theirs. */
const TURNS = 2
/** After a start: everything has been looked at, and nobody looks often any more. */
const CALM_MS = 8_000
const TICK_MS = 10
/** Often enough to stand out from a Patroni at rest. */
const QUESTION_EVERY_MS = 50

/** @param seconds - of each of the two */
export async function measureRest(system: RealSystem, seconds: number): Promise<RestResult> {
  const members = system.members.map(({ name }) => name)
  const nodes = [...system.agents.keys()]
  const withAgents: number[][] = []
  const without: number[][] = []
  const asked: number[][] = []
  const agents: number[][] = []
  for (let turn = 0; turn < TURNS; turn++) {
    await sleep(CALM_MS)
    const [patroni, agent] = await usage(system, (seconds * 1_000) / TURNS, [
      [members, 'patroni'],
      [nodes, 'agent'],
    ])
    withAgents.push(patroni ?? [])
    agents.push(agent ?? [])
    await stopAgents(system)
    await sleep(CALM_MS)
    const [alone] = await usage(system, (seconds * 1_000) / TURNS, [[members, 'patroni']])
    without.push(alone ?? [])
    asked.push(await askedOften(system, (seconds * 1_000) / TURNS))
    await startAgents(system)
  }
  const [patroniOn, patroniOff, agentOn] = [columns(withAgents), columns(without), columns(agents)]
  const addedByQuestions = columns(asked).map((value, index) => value - (patroniOff[index] ?? 0))
  return {
    patroniWithAgents: mean(patroniOn),
    patroniWithout: mean(patroniOff),
    addedMost: Math.max(...patroniOn.map((value, index) => value - (patroniOff[index] ?? 0))),
    patroniQuestionMs: (mean(addedByQuestions) / 100) * QUESTION_EVERY_MS,
    agentMean: mean(agentOn),
    agentMost: Math.max(...agentOn),
  }
}

/** Percent of a core that the Patroni of each member uses while it is asked 20 times a second. */
async function askedOften(system: RealSystem, forMs: number): Promise<number[]> {
  const { probe, members } = system
  const over = new AbortController()
  const ask = async (address: string) => {
    for (let sent = 0, fromMs = nowMs(); !over.signal.aborted; sent++) {
      // By the clock, not by the answers: a slow one must not make questions fewer.
      await sleep(Math.max(0, fromMs + sent * QUESTION_EVERY_MS - nowMs()))
      await probe.http(`http://${address}:8008/patroni`)
    }
  }
  const names = members.map(({ name }) => name)
  const measured = usage(system, forMs, [[names, 'patroni']]).finally(() => over.abort())
  const [[used]] = await Promise.all([measured, ...members.map(({ address }) => ask(address))])
  return used ?? []
}

/** Percent of a core that a program uses on each of some hosts, for each such question. */
async function usage(
  system: RealSystem,
  forMs: number,
  questions: readonly (readonly [readonly string[], Program])[],
): Promise<readonly number[][]> {
  const pids = questions.map(([hosts, program]) =>
    hosts.map((name) =>
      processesOn(system.lab.host(name))
        .filter((one) => one.program === program)
        .map(({ pid }) => pid),
    ),
  )
  const cpuMs = () =>
    pids.map((hosts) => hosts.map((some) => some.reduce((sum, pid) => sum + cpuMsOf(pid), 0)))
  const [before, fromMs] = [cpuMs(), nowMs()]
  await sleep(forMs)
  const [after, elapsedMs] = [cpuMs(), nowMs() - fromMs]
  return after.map((hosts, q) =>
    hosts.map((used, host) => (100 * (used - (before[q]?.[host] ?? 0))) / elapsedMs),
  )
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // "pid (name) state ...", and a name may hold anything: fields 14 and 15, all threads, those that have ended too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Mean of each column. */
function columns(rows: readonly (readonly number[])[]): readonly number[] {
  return (rows[0] ?? []).map((_value, index) => mean(rows.map((row) => row[index] ?? Number.NaN)))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
