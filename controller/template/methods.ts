/** Methods of text and mappings that templates may call. */

import { Dict } from '../values/value.ts'
import { type Arguments, countArgument, textArgument } from './arguments.ts'
import { itemsOf, Lookup, Missing, nameOfType, type Operand, present, Tuple, View } from './operand.ts'
import { entryOf, keyOf, textKey } from './operators.ts'
import { capitalize, lower, replaced, split, stripped, titleOfLetters, upper } from './python-text.ts'
import { unsupported } from './template-error.ts'

type TextMethod = (text: string, args: Arguments) => Operand
type DictMethod = (dict: Dict, args: Arguments) => Operand

const textMethods = new Map<string, TextMethod>([
  ['upper', (text, args) => upper(bare(text, args))],
  ['lower', (text, args) => lower(bare(text, args))],
  ['title', (text, args) => titleOfLetters(bare(text, args))],
  ['capitalize', (text, args) => capitalize(bare(text, args))],
  ['strip', (text, args) => stripped(text, charsOf(args), 'both')],
  ['lstrip', (text, args) => stripped(text, charsOf(args), 'left')],
  ['rstrip', (text, args) => stripped(text, charsOf(args), 'right')],
  ['startswith', (text, args) => text.startsWith(onlyText(args))],
  ['endswith', (text, args) => text.endsWith(onlyText(args))],
  ['split', splitMethod],
  ['replace', replaceMethod],
  ['join', joinMethod],
  ['find', (text, args) => found(text, onlyText(args))],
  [
    'count',
    (text, args) => replaced(text, onlyText(args), '\0', -1).split('\0').length - text.split('\0').length,
  ],
  ['isdigit', (text, args) => /^[0-9]+$/.test(asciiOnly(bare(text, args)))],
  ['zfill', zfill],
])

const dictMethods = new Map<string, DictMethod>([
  ['get', getMethod],
  ['keys', (dict, args) => view([...dict.keys()], args)],
  ['values', (dict, args) => view([...dict.values()], args)],
  [
    'items',
    (dict, args) =>
      view(
        [...dict].map((entry) => new Tuple(entry)),
        args,
      ),
  ],
])

export function isMethod(name: string): boolean {
  return textMethods.has(name) || dictMethods.has(name)
}

/** @throws TemplateError when the operand has no such method, or not one that is done here */
export function callMethod(given: Operand, name: string, args: Arguments): Operand {
  const of = present(given)
  const onText = typeof of === 'string' ? textMethods.get(name) : undefined
  if (typeof of === 'string' && onText !== undefined) return onText(of, args)
  const onDict = of instanceof Dict ? dictMethods.get(name) : undefined
  if (of instanceof Dict && onDict !== undefined) return onDict(of, args)
  if (of instanceof Lookup && name === 'get') return getOf(of, args)
  throw unsupported(`.${name}() of ${nameOfType(of)}`)
}

function bare(text: string, args: Arguments): string {
  args.read()
  return text
}

function view(items: readonly Operand[], args: Arguments): View {
  args.read()
  return new View(items)
}

function onlyText(args: Arguments): string {
  const [text] = args.readKnown('')
  return textArgument(text, 'of the method')
}

function charsOf(args: Arguments): string | undefined {
  const [chars = null] = args.readKnown('')
  return chars === null ? undefined : textArgument(chars, 'of strip')
}

function splitMethod(text: string, args: Arguments): Operand {
  const [separator = null, limit] = args.readKnown('sep', 'maxsplit')
  return split(
    text,
    separator === null ? undefined : textArgument(separator, 'sep'),
    countArgument(limit, -1),
  )
}

function replaceMethod(text: string, args: Arguments): Operand {
  const [from, to, limit] = args.readKnown('', ' ', '  ')
  return replaced(text, textArgument(from, 'old'), textArgument(to, 'new'), countArgument(limit, -1))
}

function joinMethod(text: string, args: Arguments): Operand {
  const [items] = args.readKnown('')
  if (items === undefined) throw unsupported('.join() of nothing')
  return itemsOf(items)
    .map((item) => textArgument(present(item), 'of .join()'))
    .join(text)
}

function found(text: string, part: string): number {
  const at = text.indexOf(part)
  return at < 0 ? -1 : [...text.slice(0, at)].length
}

function asciiOnly(text: string): string {
  if (/[^\P{Nd}0-9]|[^\P{No}]/u.test(text)) throw unsupported('digits beyond ASCII')
  return text
}

function zfill(text: string, args: Arguments): string {
  const [given] = args.readKnown('')
  const width = countArgument(given, -1)
  if (given === undefined || width > 1000) throw unsupported('.zfill() of such a width')
  const sign = /^[-+]/.exec(text)?.[0] ?? ''
  const missing = Math.max(0, width - [...text].length)
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

function getMethod(dict: Dict, args: Arguments): Operand {
  const [key, fallback = null] = args.read('', ' ')
  if (key === undefined) throw unsupported('.get() of nothing')
  return entryOf(dict, keyOf(key)) ?? fallback
}

function getOf(lookup: Lookup, args: Arguments): Operand {
  const [key, fallback = null] = args.read('', ' ')
  if (key === undefined) throw unsupported('.get() of nothing')
  const value = lookup.get(textKey(key))
  return value instanceof Missing ? fallback : value
}
