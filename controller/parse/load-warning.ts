import type { Location } from '../../shared/errors/app-error.ts'

/** Something worth knowing about the files that were read. */
export interface LoadWarning {
  readonly code: string
  readonly message: string
  readonly at?: Location | undefined
}
