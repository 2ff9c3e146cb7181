/** Trees of JMESPath expressions. */
import type { Value } from '../values/value.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Node =
  | { readonly kind: 'identity' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly bounds: readonly (number | null)[] }
  | { readonly kind: 'chain'; readonly steps: readonly Node[] }
  | { readonly kind: 'projection'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'values'; readonly of: Node; readonly each: Node }
  | { readonly kind: 'filter'; readonly of: Node; readonly each: Node; readonly condition: Node }
  | { readonly kind: 'flatten'; readonly of: Node }
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'dict'; readonly entries: readonly { readonly key: string; readonly value: Node }[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'reference'; readonly of: Node }
