/**
 * Host names with ranges: `10.10.10.[11:13]`, `db-[01:10]`, `rack-[a:f]`, `n[0:10:2]`.
 * Source: Ansible's inventory documentation, "Adding ranges of hosts", and its behaviour.
 */
import { AppError, type Location } from '../../shared/errors/app-error.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** More hosts than any inventory has: a slip of the finger must not fill the memory. */
const maxHosts = 100_000

/**
 * The names a pattern stands for, left to right.
 *
 * @throws AppError `INVENTORY_INVALID` for a range that Ansible refuses too, or one that is too long
 */
export function expandHosts(pattern: string, at?: Location): string[] {
  if (!pattern.includes('[')) return [pattern]
  // Ansible splits at a bar in place of the brackets, so that a bar in the name is one part too many.
  const parts = pattern.replace('[', '|').replace(']', '|').split('|')
  const [head = '', range = '', tail = ''] = parts
  if (parts.length !== 3) throw refused(pattern, 'a range without its end, or a bar in a name', at)
  const names: string[] = []
  for (const item of expandRange(pattern, range, at)) {
    names.push(...expandHosts(head + item + tail, at))
    if (names.length > maxHosts) throw refused(pattern, `more than ${maxHosts} hosts`, at)
  }
  return names
}

function expandRange(pattern: string, range: string, at: Location | undefined): string[] {
  const bounds = range.split(':')
  const [begin = '', end = '', stride = '1'] = bounds
  if (bounds.length < 2 || bounds.length > 3)
    throw refused(pattern, 'a range is begin:end or begin:end:step', at)
  if (end === '') throw refused(pattern, 'a range needs an end', at)
  if (isPadded(begin) && begin.length !== end.length)
    throw refused(pattern, 'both ends of a padded range need the same number of digits', at)
  const step = integer(stride)
  if (step === undefined || step === 0) throw refused(pattern, 'a step is a number, and not 0', at)
  const parts: Range = { pattern, begin, end, step, at }
  return lettersOf(parts) ?? numbersOf(parts)
}

interface Range {
  readonly pattern: string
  readonly begin: string
  readonly end: string
  readonly step: number
  readonly at: Location | undefined
}

/** Undefined when the bounds are no letters. */
function lettersOf({ pattern, begin, end, step, at }: Range): string[] | undefined {
  // Ansible looks for the bounds anywhere in the alphabet: `ab` is found at a.
  const first = begin === '' ? -1 : letters.indexOf(begin)
  const last = letters.indexOf(end)
  if (first < 0 || last < 0) return undefined
  if (first > last) throw refused(pattern, 'a range must not run backwards', at)
  if (step < 0) return []
  return [...letters.slice(first, last + 1)].filter((_letter, index) => index % step === 0)
}

function numbersOf({ pattern, begin, end, step, at }: Range): string[] {
  const first = integer(begin === '' ? '0' : begin)
  const last = integer(end)
  if (first === undefined || last === undefined)
    throw refused(pattern, 'a range needs numbers or letters', at)
  // The end counts, except that a range with a step below 0 stops two short of it: Ansible adds 1 all the same.
  const count = Math.ceil((last + 1 - first) / step)
  if (count > maxHosts) throw refused(pattern, `more than ${maxHosts} hosts`, at)
  const width = isPadded(begin) ? begin.length : 0
  return Array.from({ length: Math.max(0, count) }, (_none, index) =>
    String(first + index * step).padStart(width, '0'),
  )
}

function isPadded(begin: string): boolean {
  return begin.startsWith('0') && begin.length > 1
}

/** A whole number as Python reads it, or undefined. */
function integer(text: string): number | undefined {
  return /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll('_', '')) : undefined
}

function refused(pattern: string, why: string, at: Location | undefined): AppError {
  return new AppError('INVENTORY_INVALID', `host range ${pattern}: ${why}`, { at })
}
