/** The benchmark's figures, from what the rounds have seen. Pure. */
import type { DuoResult } from './duo.ts'
import { isStock, type Mode } from './modes.ts'
import type { RestResult } from './rest.ts'
import type { RoundResult, WriterResult } from './round-result.ts'
import type { Fault } from './strike.ts'

export interface Results {
  readonly rounds: readonly RoundResult[]
  readonly duo: readonly { readonly mode: Mode; readonly result: DuoResult }[]
  readonly rest: RestResult | undefined
}

/** Milliseconds; null where nothing was measured, or a client never wrote again. */
type Figure = number | null

export interface Figures {
  /** The source with which ours are measured: etcd's watch, or the first of what was run instead. */
  readonly ours_source: Mode | null
  readonly switchover_stock_ms_p50: Figure
  readonly switchover_norm_ms_p50: Figure
  readonly switchover_ours_ms_p50: Figure
  readonly switchover_ours_ms_max: Figure
  readonly switchover_default_ms_p50: Figure
  readonly switchover_floor_ms_p50: Figure
  readonly ratio_switchover_stock_ours: Figure
  readonly ratio_switchover_ours_floor: Figure
  readonly stock_after_writable_ms_p50: Figure
  readonly norm_after_writable_ms_p50: Figure
  readonly ours_after_writable_ms_p50: Figure
  readonly ours_after_writable_ms_max: Figure
  readonly default_after_writable_ms_p50: Figure
  readonly default_after_writable_ms_max: Figure
  readonly kill_stock_after_writable_ms_p50: Figure
  readonly kill_norm_after_writable_ms_p50: Figure
  readonly kill_after_writable_ms_p50: Figure
  readonly kill_default_after_writable_ms_p50: Figure
  readonly kill_stock_ms_p50: Figure
  readonly kill_ours_ms_p50: Figure
  readonly old_sessions_gone_ms_max: Figure
  readonly old_sessions_left_stock: number
  /** Null where no fault was run that can have any. */
  readonly double_acks: number
  readonly double_acks_without_agent: number | null
  readonly lost_acks: number
  readonly lost_acks_without_agent: number
  readonly unreplicated_acks: number
  readonly overwritten_acks: number
  readonly strays: number
  /** Clients of ours that did not write again within 30 s. */
  readonly unserved: number
  readonly writers: number
  readonly replica_failures_ours: number
  readonly replica_failures_stock: number
  readonly offline_failures_ours: number
  readonly offline_failures_stock: number
  readonly offline_back_duo_ms_p50: Figure
  readonly offline_back_duo_stock_ms_p50: Figure
  readonly replica_failures_duo_ours: number
  readonly replica_failures_duo_stock: number
  readonly patroni_cpu_percent: Figure
  readonly patroni_cpu_without_agents_percent: Figure
  readonly patroni_cpu_added_percent_max: Figure
  /** Processor time of a Patroni for one question of an agent. */
  readonly patroni_question_ms: Figure
  readonly agent_idle_cpu_percent: Figure
  readonly agent_idle_cpu_percent_max: Figure
}

const FASTEST_FIRST: readonly Mode[] = ['etcd', 'callback', 'default', 'alone']

export function figuresOf({ rounds, duo, rest }: Results): Figures {
  const writers = (mode: Mode | undefined, fault: Fault) =>
    rounds.filter((round) => round.mode === mode && round.fault === fault).flatMap((round) => round.writers)
  const source = FASTEST_FIRST.find((mode) => rounds.some((round) => round.mode === mode))
  const window = ({ windowMs }: WriterResult) => windowMs
  const after = ({ afterWritableMs }: WriterResult) => afterWritableMs
  const floor = ({ until200Ms, untilWritableMs }: WriterResult) => until200Ms + untilWritableMs
  const planned = (mode: Mode | undefined, of: (writer: WriterResult) => number) =>
    writers(mode, 'switchover').map(of)
  const killed = (mode: Mode | undefined, of: (writer: WriterResult) => number) =>
    writers(mode, 'kill').map(of)
  const ours = rounds.filter(({ mode }) => !isStock(mode))
  const stock = rounds.filter(({ mode }) => isStock(mode))
  const sum = (some: readonly RoundResult[], of: (round: RoundResult) => number) =>
    some.reduce((all, round) => all + of(round), 0)
  // PostgreSQL of a third member may have to be rewound after the others: none of HAProxy's doing.
  const served = (some: readonly RoundResult[]) =>
    some.filter(({ fault }) => fault === 'switchover' || fault === 'kill')
  const duoOf = (isOurs: boolean) =>
    duo.filter(({ mode }) => isStock(mode) !== isOurs).map(({ result }) => result)
  const gone = ours.filter(({ fault }) => fault === 'switchover').flatMap((round) => round.sessionsGoneMs)
  const canDouble = stock.some(({ fault }) => fault === 'freeze' || fault === 'orphan')
  return {
    ours_source: source ?? null,
    switchover_stock_ms_p50: median(planned('stock', window)),
    switchover_norm_ms_p50: median(planned('norm', window)),
    switchover_ours_ms_p50: median(planned(source, window)),
    switchover_ours_ms_max: most(planned(source, window)),
    switchover_default_ms_p50: median(planned('default', window)),
    switchover_floor_ms_p50: median(planned(source, floor)),
    ratio_switchover_stock_ours: ratio(median(planned('stock', window)), median(planned(source, window))),
    ratio_switchover_ours_floor: ratio(median(planned(source, window)), median(planned(source, floor))),
    stock_after_writable_ms_p50: median(planned('stock', after)),
    norm_after_writable_ms_p50: median(planned('norm', after)),
    ours_after_writable_ms_p50: median(planned(source, after)),
    ours_after_writable_ms_max: most(planned(source, after)),
    default_after_writable_ms_p50: median(planned('default', after)),
    default_after_writable_ms_max: most(planned('default', after)),
    kill_stock_after_writable_ms_p50: median(killed('stock', after)),
    kill_norm_after_writable_ms_p50: median(killed('norm', after)),
    kill_after_writable_ms_p50: median(killed(source, after)),
    kill_default_after_writable_ms_p50: median(killed('default', after)),
    kill_stock_ms_p50: median(killed('stock', window)),
    kill_ours_ms_p50: median(killed(source, window)),
    old_sessions_gone_ms_max: most(gone),
    old_sessions_left_stock: sum(stock, (round) => round.oldWorkerSessionsLeft),
    double_acks: sum(ours, (round) => round.doubleAcks),
    double_acks_without_agent: canDouble ? sum(stock, (round) => round.doubleAcks) : null,
    lost_acks: sum(ours, (round) => round.lostAcks),
    lost_acks_without_agent: sum(stock, (round) => round.lostAcks),
    unreplicated_acks: sum(rounds, (round) => round.unreplicatedAcks),
    overwritten_acks: sum(rounds, (round) => round.overwrittenAcks),
    strays: sum(ours, (round) => round.strays),
    unserved: sum(ours, (round) => round.writers.filter(({ windowMs }) => !Number.isFinite(windowMs)).length),
    writers: sum(rounds, (round) => round.writers.length),
    replica_failures_ours: sum(served(ours), (round) => round.readFailures.replica),
    replica_failures_stock: sum(served(stock), (round) => round.readFailures.replica),
    offline_failures_ours: sum(served(ours), (round) => round.readFailures.offline),
    offline_failures_stock: sum(served(stock), (round) => round.readFailures.offline),
    offline_back_duo_ms_p50: median(duoOf(true).flatMap(({ offlineBackMs }) => offlineBackMs)),
    offline_back_duo_stock_ms_p50: median(duoOf(false).flatMap(({ offlineBackMs }) => offlineBackMs)),
    replica_failures_duo_ours: duoOf(true).reduce((all, { readFailures }) => all + readFailures, 0),
    replica_failures_duo_stock: duoOf(false).reduce((all, { readFailures }) => all + readFailures, 0),
    patroni_cpu_percent: percent(rest?.patroniWithAgents),
    patroni_cpu_without_agents_percent: percent(rest?.patroniWithout),
    patroni_cpu_added_percent_max: percent(rest?.addedMost),
    patroni_question_ms: percent(rest?.patroniQuestionMs),
    agent_idle_cpu_percent: percent(rest?.agentMean),
    agent_idle_cpu_percent_max: percent(rest?.agentMost),
  }
}

/** Per mode and fault, whose time the window is, and who waits how long. */
export function detailsOf(rounds: readonly RoundResult[]): Record<string, unknown> {
  const keys = [...new Set(rounds.map(({ mode, fault }) => `${mode} ${fault}`))]
  return Object.fromEntries(
    keys.map((key) => [key, detailOf(rounds.filter(({ mode, fault }) => `${mode} ${fault}` === key))]),
  )
}

function detailOf(rounds: readonly RoundResult[]): Record<string, unknown> {
  const writers = rounds.flatMap((round) =>
    round.writers.map((writer) => ({ ...writer, place: round.place })),
  )
  const names = [...new Set(writers.map(({ place, kind, database }) => `${place} ${database} ${kind}`))]
  const of = (name: string) =>
    writers.filter(({ place, kind, database }) => `${place} ${database} ${kind}` === name)
  const summary = (values: readonly number[]) => ({
    p50: median(values),
    min: round(Math.min(...values)),
    max: most(values),
  })
  return {
    window_ms: summary(writers.map(({ windowMs }) => windowMs)),
    until_200_ms: summary(writers.map(({ until200Ms }) => until200Ms)),
    until_writable_ms: summary(writers.map(({ untilWritableMs }) => untilWritableMs)),
    after_writable_ms: summary(writers.map(({ afterWritableMs }) => afterWritableMs)),
    later_gap_ms: summary(writers.map(({ laterGapMs }) => laterGapMs)),
    sessions_gone_ms: summary(rounds.flatMap((one) => one.sessionsGoneMs)),
    clients: Object.fromEntries(
      names.map((name) => [
        name,
        {
          window_ms_p50: median(of(name).map(({ windowMs }) => windowMs)),
          after_writable_ms_p50: median(of(name).map(({ afterWritableMs }) => afterWritableMs)),
          after_writable_ms_max: most(of(name).map(({ afterWritableMs }) => afterWritableMs)),
        },
      ]),
    ),
  }
}

function median(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return round(sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2)
}

function most(values: readonly number[]): Figure {
  return values.length === 0 ? null : round(Math.max(...values))
}

function round(ms: number): Figure {
  return Number.isFinite(ms) ? Math.round(ms) : null
}

function ratio(a: Figure, b: Figure): Figure {
  return a === null || b === null || b === 0 ? null : Math.round((100 * a) / b) / 100
}

function percent(value: number | undefined): Figure {
  return value === undefined ? null : Math.round(value * 100) / 100
}
