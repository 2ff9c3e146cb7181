/**
 * Why HAProxy had to notice, as far as it is told over a stream: where weights change there is a reason for each server, and
 * nobody reads thousands. Pure.
 */

const mostTold = 100

/** @returns the first hundred and how many more there are; a list that was cut already as it is */
export function toldReasons(reasons: readonly string[]): string[] {
  if (reasons.length <= mostTold + 1) return [...reasons]
  return [...reasons.slice(0, mostTold), `and ${reasons.length - mostTold} more`]
}
