/** What a filter is. */
import type { Arguments } from './arguments.ts'
import type { Operand, Present } from './operand.ts'

/** What a filter may do with elements: other filters and tests by name. */
export interface Plugins {
  filter(name: string, value: Operand, args: Arguments): Operand
  test(name: string, value: Operand, args: Arguments): boolean
}

export type Filter = (value: Present, args: Arguments, plugins: Plugins) => Operand
