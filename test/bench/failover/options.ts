/** The command line. */
import { readArguments } from '../arguments.ts'
import { ALL_MODES, type Mode } from './modes.ts'

export interface Options {
  /** Planned switchovers per mode and cluster. */
  readonly runs: number
  /** Kills per mode. */
  readonly kills: number
  readonly modes: readonly Mode[]
  /** How long Patroni's and the agents' CPU is measured, seconds; 0 for not at all. */
  readonly restSeconds: number
}

/** @throws Error that says what is expected */
export function parseOptions(args: readonly string[]): Options {
  const { count, text } = readArguments(args, ['--runs', '--kills', '--rest', '--only'])
  return {
    runs: count('--runs', 10, 1),
    kills: count('--kills', 5, 0),
    restSeconds: count('--rest', 30, 0),
    modes: modesOf(text('--only')),
  }
}

function modesOf(only: string | undefined): readonly Mode[] {
  if (only === undefined) return ALL_MODES
  const names = only.split(',')
  const wrong = names.find((name) => !ALL_MODES.some((mode) => mode === name))
  if (wrong !== undefined) throw new Error(`--only takes some of ${ALL_MODES.join(',')}, not '${wrong}'`)
  return ALL_MODES.filter((mode) => names.includes(mode))
}
