import { type Arguments, countArgument, textArgument } from './arguments.ts'
import type { Filter } from './filter.ts'
import { isTrue, itemsOf, type Operand, textOf } from './operand.ts'
import { capitalize, lower, replaced, split, stripped, titleOfWords, upper } from './python-text.ts'
import { unsupported } from './template-error.ts'

export const textFilters: readonly (readonly [string, Filter])[] = [
  ['string', (value, args) => textOf(bare(value, args))],
  ['lower', (value, args) => lower(textOf(bare(value, args)))],
  ['upper', (value, args) => upper(textOf(bare(value, args)))],
  ['capitalize', (value, args) => capitalize(textOf(bare(value, args)))],
  ['title', (value, args) => titleOfWords(textOf(bare(value, args)))],
  ['trim', trim],
  ['replace', replace],
  ['join', join],
  ['split', splitText],
  ['ternary', ternary],
  ['mandatory', bare],
]

function bare(value: Operand, args: Arguments): Operand {
  args.read()
  return value
}

function trim(value: Operand, args: Arguments): Operand {
  const [chars = null] = args.readKnown('chars')
  return stripped(textOf(value), chars === null ? undefined : textArgument(chars, 'chars'), 'both')
}

function replace(value: Operand, args: Arguments): Operand {
  const [from, to, limit = null] = args.readKnown('old', 'new', 'count')
  if (from === undefined || to === undefined) throw unsupported('replace without its arguments')
  const count = limit === null ? -1 : countArgument(limit, -1)
  return replaced(textOf(value), textOf(from), textOf(to), count)
}

function join(value: Operand, args: Arguments): Operand {
  const [separator = ''] = args.readKnown('d')
  return itemsOf(value).map(textOf).join(textOf(separator))
}

function splitText(value: Operand, args: Arguments): Operand {
  const [separator = null, limit] = args.readKnown('sep', 'maxsplit')
  if (typeof value !== 'string') throw unsupported('split of what is no text')
  return split(
    value,
    separator === null ? undefined : textArgument(separator, 'sep'),
    countArgument(limit, -1),
  )
}

function ternary(value: Operand, args: Arguments): Operand {
  const [yes, no, none = null] = args.readKnown('true_val', 'false_val', 'none_val')
  if (yes === undefined || no === undefined) throw unsupported('ternary without its arguments')
  if (value === null && none !== null) return none
  return isTrue(value) ? yes : no
}
