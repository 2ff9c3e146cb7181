/** Times in HAProxy's files. Source: HAProxy 2.6 manual, 2.5 ("Time format"). */

const millisecondsOf: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** @returns milliseconds, which is also what a number without a unit means; undefined for no such time. Pure. */
export function timeInMs(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text) ?? []
  return digits === '' ? undefined : Number(digits) * (millisecondsOf[unit || 'ms'] ?? 1)
}
