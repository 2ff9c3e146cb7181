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
  const found = /^([^[]*)\[([^\]]*)\](.*)$/.exec(pattern)
  if (found === null) {
    if (pattern.includes('[')) throw refused(pattern, 'a range without its end', at)
    return [pattern]
  }
  const [, head = '', range = '', tail = ''] = found
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
  const step = /^\d+$/.test(stride) ? Number(stride) : 0
  if (step < 1) throw refused(pattern, 'a step is 1 or more', at)
  const first = letters.indexOf(begin)
  const last = letters.indexOf(end)
  if (begin.length === 1 && end.length === 1 && first >= 0 && last >= 0) {
    if (first > last) throw refused(pattern, 'a range must not run backwards', at)
    return [...letters.slice(first, last + 1)].filter((_letter, index) => index % step === 0)
  }
  return numbers(pattern, begin === '' ? '0' : begin, end, step, at)
}

function numbers(
  pattern: string,
  begin: string,
  end: string,
  step: number,
  at: Location | undefined,
): string[] {
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end))
    throw refused(pattern, 'a range needs numbers or letters', at)
  const padded = begin.startsWith('0') && begin.length > 1
  if (padded && begin.length !== end.length) {
    throw refused(pattern, 'both ends of a padded range need the same number of digits', at)
  }
  const width = padded ? begin.length : 0
  const count = Math.floor((Number(end) - Number(begin)) / step) + 1
  if (count > maxHosts) throw refused(pattern, `more than ${maxHosts} hosts`, at)
  return Array.from({ length: Math.max(0, count) }, (_none, index) =>
    String(Number(begin) + index * step).padStart(width, '0'),
  )
}

function refused(pattern: string, why: string, at: Location | undefined): AppError {
  return new AppError('INVENTORY_INVALID', `host range ${pattern}: ${why}`, { at })
}
