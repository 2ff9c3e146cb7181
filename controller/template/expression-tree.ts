import type { Value } from '../values/value.ts'
import type { Arithmetic, Comparison } from './operators.ts'

export interface Call {
  readonly args: readonly Expression[]
  readonly named: ReadonlyMap<string, Expression>
}

export type Expression =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  /** `a.name`: an attribute of Python comes first. `a[...]`: the item comes first. */
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'slice'; readonly of: Expression; readonly bounds: readonly (Expression | undefined)[] }
  | { readonly kind: 'method'; readonly of: Expression; readonly name: string; readonly call: Call }
  | { readonly kind: 'filter' | 'test'; readonly of: Expression; readonly name: string; readonly call: Call }
  | { readonly kind: 'not' | 'negative' | 'positive'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'concat'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'arithmetic'
      readonly operator: Arithmetic
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: Comparison; readonly right: Expression }[]
    }
  | {
      readonly kind: 'choice'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression | undefined
    }

/** A piece of a template. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly tree: Expression }
  | { readonly kind: 'set'; readonly name: string; readonly tree: Expression }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly test: Expression | undefined; readonly body: readonly Piece[] }[]
    }

export interface Template {
  readonly pieces: readonly Piece[]
  /** Variables that it names anywhere; Jinja looks all of them up before it starts. */
  readonly names: readonly string[]
  /** Whether the filter `string` is in it, whose result may stay text where others are turned back. */
  readonly usesString: boolean
}
