/** Steps of work on a node, as they are told. */

export const enrollSteps = [
  'connect',
  'look',
  'program',
  'configuration',
  'units',
  'certificate',
  'try',
  'start',
  'connected',
  'command',
] as const
export const unenrollSteps = [
  'connect',
  'look',
  'program',
  'stop',
  'files',
  'remove',
  'revoke',
  'forget',
] as const

export type StepName = (typeof enrollSteps)[number] | (typeof unenrollSteps)[number]

export interface StepDone {
  readonly step: StepName
  /** `would-change`: --check. `noted`: nothing to do with the node's state. */
  readonly state: 'unchanged' | 'changed' | 'would-change' | 'noted'
  /** One line. */
  readonly detail: string
}

/** Told when a step begins, and when it is done. */
export interface StepListener {
  begin(step: StepName): void
  done(done: StepDone): void
}
