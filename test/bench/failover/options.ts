/** The command line. */
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
  return {
    runs: count(args, '--runs', 10, 1),
    kills: count(args, '--kills', 5, 0),
    restSeconds: count(args, '--rest', 30, 0),
    modes: modesOf(args),
  }
}

function textOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name)
  return at === -1 ? undefined : (args[at + 1] ?? '')
}

function count(args: readonly string[], name: string, usual: number, least: number): number {
  const text = textOf(args, name)
  const value = text === undefined ? usual : Number(text || 'none')
  if (!Number.isInteger(value) || value < least) throw new Error(`${name} takes a whole number from ${least}`)
  return value
}

function modesOf(args: readonly string[]): readonly Mode[] {
  const only = textOf(args, '--only')
  if (only === undefined) return ALL_MODES
  const names = only.split(',')
  const wrong = names.find((name) => !ALL_MODES.some((mode) => mode === name))
  if (wrong !== undefined) throw new Error(`--only takes some of ${ALL_MODES.join(',')}, not '${wrong}'`)
  return ALL_MODES.filter((mode) => names.includes(mode))
}
