/**
 * Durations as HAProxy takes them: a whole number and a unit, milliseconds without one.
 * Source: HAProxy 2.6 manual, section 2.5.
 */
import { pyText } from '../values/py-text.ts'
import { Float, type Value } from '../values/value.ts'

const millisecondsOf = new Map([
  ['us', 0.001],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** A duration of a plan in whole units: HAProxy takes no fractions, so 0.5s is written as 500ms. */
export function wholeDuration(value: Value): string | undefined {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d)?$/.exec(pyText(value))
  const [, number = '', unit = 'ms'] = found ?? []
  if (found === null) return undefined
  if (!number.includes('.') && !(value instanceof Float)) return pyText(value)
  return inWholeUnits(Number(number) * (millisecondsOf.get(unit) ?? Number.NaN))
}

function inWholeUnits(milliseconds: number): string | undefined {
  if (Number.isInteger(milliseconds)) return `${milliseconds}ms`
  const microseconds = Math.round(milliseconds * 1000)
  return Math.abs(microseconds - milliseconds * 1000) < 1e-6 ? `${microseconds}us` : undefined
}

export interface DurationFault {
  /** What takes the duration: `inter`. */
  readonly option: string
  readonly text: string
  /** What would be right, if it can be told. */
  readonly right: string | undefined
}

const timedOptions = new Set(['inter', 'fastinter', 'downinter', 'slowstart', 'agent-inter'])
/** HAProxy 2.6 keeps timers in a signed 32-bit number of milliseconds; about 24.8 days. */
const longestMs = 2_147_483_647

/**
 * The first duration in the options of a server that HAProxy refuses.
 *
 * @param text - what follows `default-server`, or a server's address
 */
export function optionDurationFault(text: string): DurationFault | undefined {
  const words = text.trim().split(/\s+/)
  const index = words.findIndex((word, i) => timedOptions.has(word) && !isTiming(word, words[i + 1]))
  return index < 0 ? undefined : faultOf(words[index] ?? '', words[index + 1] ?? '')
}

/** The duration of a line `timeout <what> <duration>` when HAProxy refuses it. */
export function timeoutFault(line: string): DurationFault | undefined {
  const found = /^\s*timeout\s+([a-z-]+)\s+(\S+)/.exec(line)
  const [, what = '', text = ''] = found ?? []
  return found === null || isDuration(text) ? undefined : faultOf(`timeout ${what}`, text)
}

/** The time between checks cannot be nothing. */
function isTiming(option: string, word: string | undefined): boolean {
  return isDuration(word) && (option === 'slowstart' || !/^0+\D*$/.test(word ?? ''))
}

function isDuration(word: string | undefined): boolean {
  // Quoted or escaped text is HAProxy's to read.
  if (word === undefined || /["'\\$]/.test(word)) return word !== undefined
  const [, number, unit = 'ms'] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(word) ?? []
  return number !== undefined && Number(number) * (millisecondsOf.get(unit) ?? 1) <= longestMs
}

function faultOf(option: string, text: string): DurationFault {
  return { option, text, right: wholeDuration(text) }
}
