import type { Spot } from '../values/spot.ts'

/** What was wrong with a template, and where it stands. */
export class TemplateError extends Error {
  readonly kind: 'undefined' | 'unsupported' | 'cycle' | 'vault'
  readonly spot: Spot | undefined
  /** What is not defined, for that kind. */
  readonly what: string
  constructor(kind: TemplateError['kind'], message: string, spot?: Spot | undefined, what = '') {
    super(message)
    this.name = 'TemplateError'
    this.kind = kind
    this.spot = spot
    this.what = what
  }
}

/** For what Ansible would refuse too, and for what is not done exactly here. */
export function unsupported(what: string): TemplateError {
  return new TemplateError('unsupported', `${what} is not understood`)
}

/** For a use of something that is not there. */
export function undefinedError(what: string): TemplateError {
  return new TemplateError('undefined', `${what} is not defined`, undefined, what)
}
