import type { Location } from '../../shared/errors/app-error.ts'
import type { Place } from './subject.ts'

/** `pigsty.yml:12:30`. */
export function locationText({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`
}

/** `pigsty.yml:12:30 (host)`; without a file only what kind of place it is. */
export function placeText({ at, text }: Pick<Place, 'at' | 'text'>): string {
  return at === undefined ? text : `${locationText(at)} (${text})`
}
