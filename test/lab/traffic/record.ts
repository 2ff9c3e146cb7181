/** What the clients of a lab are told, and what each of their statements came to. */

/**
 * `write` and `read` open a connection for every statement. `session` writes over one connection and leaves it only when
 * it breaks: what it meets there is what an application with a pool meets.
 */
export type ClientKind = 'write' | 'read' | 'session'

export interface TrafficTarget {
  readonly kind: ClientKind
  readonly host: string
  readonly port: number
  /** Milliseconds from one statement to the next. */
  readonly everyMs: number
}

/** One statement. Times are milliseconds since 1970. */
export interface TrafficRecord {
  readonly kind: ClientKind
  readonly host: string
  readonly port: number
  /** When the client began, with the connection where it had none. */
  readonly fromMs: number
  readonly toMs: number
  /** Who answered; '' when nobody did. */
  readonly instance: string
  /** What was written, once it was acknowledged. */
  readonly note: string
  /** SQLSTATE and words of the server, or what became of the connection; '' for none. */
  readonly error: string
}
