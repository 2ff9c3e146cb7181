/** The command lines of the benchmarks. A word that nobody knows ends the program: it must not run for an hour instead. */
import { parseArgs } from 'node:util'

export interface Arguments {
  /**
   * @param name - with its dashes
   * @throws Error that says what is expected
   */
  count(name: string, usual: number, least: number): number
  /** Undefined when it was not given. */
  text(name: string): string | undefined
}

/**
 * @param names - of the options with a value, with their dashes; `--json` is always taken
 * @throws Error that names what is not known
 */
export function readArguments(args: readonly string[], names: readonly string[]): Arguments {
  const options = Object.fromEntries(names.map((name) => [name.slice(2), { type: 'string' as const }]))
  const { values } = parseArgs({ args: [...args], options: { ...options, json: { type: 'boolean' } } })
  const given: Readonly<Record<string, string | boolean | undefined>> = values
  const text = (name: string) => {
    const value = given[name.slice(2)]
    return typeof value === 'string' ? value : undefined
  }
  return {
    text,
    count(name, usual, least) {
      const value = Number(text(name) ?? usual)
      if (Number.isInteger(value) && value >= least) return value
      throw new Error(`${name} takes a whole number from ${least}`)
    },
  }
}
