/** What the clients of a round are told, and what they have seen. */

/**
 * `reconnecting`: a new connection after every error. `staying`: only when the connection breaks, so it stays where it
 * is as long as it is let. `fresh`: a new connection for every write. `reading`: the same for reads.
 * `holding`: a connection that does nothing.
 */
export type ClientKind = 'reconnecting' | 'staying' | 'fresh' | 'reading' | 'holding'

export interface ClientSpec {
  /** Its own within the round. */
  readonly id: number
  readonly kind: ClientKind
  readonly host: string
  readonly port: number
  readonly round: number
}

/** A statement that was acknowledged. */
export interface Ack {
  readonly seq: number
  readonly sentMs: number
  readonly ackMs: number
  /** Who did. */
  readonly instance: string
}

export interface Failure {
  /** When the connection was begun, or the statement where there was one already. */
  readonly beganMs: number
  readonly atMs: number
  /** SQLSTATE and words of the server, or what became of the connection. */
  readonly error: string
}

export interface ClientRecord {
  readonly id: number
  readonly acks: readonly Ack[]
  readonly failures: readonly Failure[]
  /** When a connection that was held has ended. */
  readonly closedMs?: number
}

/** Where a client is. */
export interface Progress {
  readonly id: number
  /** Who acknowledged last; '' for nobody yet. */
  readonly instance: string
}

export type WritersRequest =
  | { readonly do: 'start'; readonly clients: readonly ClientSpec[] }
  | { readonly do: 'progress' }
  /** Ends all clients. */
  | { readonly do: 'stop' }

export interface WritersAnswer {
  /** Of `progress`. */
  readonly progress?: readonly Progress[]
  /** Of `stop`. */
  readonly records?: readonly ClientRecord[]
}
