import { Missing, type Operand, type Present } from './operand.ts'
import { unsupported } from './template-error.ts'

/** Arguments of a filter, test or method, as they were evaluated. */
export class Arguments {
  private readonly positional: readonly Operand[]
  private readonly named: ReadonlyMap<string, Operand>

  constructor(positional: readonly Operand[], named: ReadonlyMap<string, Operand> = new Map()) {
    this.positional = positional
    this.named = named
  }

  /**
   * The arguments in the order of the given parameters; undefined where none was given.
   *
   * @throws TemplateError for others than these
   */
  read(...parameters: readonly string[]): (Operand | undefined)[] {
    const isKnown = [...this.named.keys()].every((name) => parameters.indexOf(name) >= this.positional.length)
    if (this.positional.length > parameters.length || !isKnown)
      throw unsupported('a filter or method with these arguments')
    return parameters.map((name, i) =>
      i < this.positional.length ? this.positional[i] : this.named.get(name),
    )
  }

  /** The same, where none of them may be undefined. */
  readKnown(...parameters: readonly string[]): (Present | undefined)[] {
    return this.read(...parameters).map((operand) => {
      if (operand instanceof Missing) throw unsupported(`an argument that is not defined (${operand.what})`)
      return operand
    })
  }

  /** The first, and what is left without it. */
  shifted(): { readonly first: Operand | undefined; readonly rest: Arguments } {
    const [first, ...others] = this.positional
    return { first, rest: new Arguments(others, this.named) }
  }
}

export function textArgument(operand: Operand | undefined, name: string): string {
  if (typeof operand === 'string') return operand
  throw unsupported(`the argument ${name} that is no text`)
}

export function countArgument(operand: Operand | undefined, fallback: number): number {
  if (operand === undefined) return fallback
  if (typeof operand === 'number') return operand
  throw unsupported('a count that is no number')
}

export function flagArgument(operand: Operand | undefined): boolean {
  if (operand === undefined || typeof operand === 'boolean') return operand ?? false
  throw unsupported('a switch that is neither true nor false')
}
