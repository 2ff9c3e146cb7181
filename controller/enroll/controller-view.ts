/** What enrolment asks of the controller. */
import type { CertificatesKnown } from './node-certificate.ts'

/** How the controller sees a node. */
export interface Presence {
  readonly connected: boolean
  /** Since when; another stream has another moment. Milliseconds since 1970. */
  readonly sinceMs: number
  /** Owners that are assigned to it, as `pg-test@7`. */
  readonly assigned: readonly string[]
}

export interface ControllerView {
  /** Undefined for a node that it has never heard of. Asked often: answers may be some tenths of a second old. */
  presence(node: string): Promise<Presence | undefined>
  certificates(): Promise<CertificatesKnown>
  sign(node: string, csrPem: string): Promise<{ readonly certPem: string; readonly caPem: string }>
  revoke(node: string): Promise<void>
  /** @throws AppError `NODE_NOT_GONE` */
  forget(node: string): Promise<void>
}
