/** What is asked of the watcher of one cluster, and what it has seen. */

export interface WatchOrder {
  readonly round: number
  readonly cluster: string
  /** "address:port" of etcd. */
  readonly etcd: string
  /** Who leads. */
  readonly leader: string
  /** Members that may lead, the leader among them. */
  readonly candidates: readonly { readonly name: string; readonly address: string }[]
  /** How often a candidate's `/primary` is asked once the leader has failed, milliseconds. */
  readonly askEveryMs: number
}

/** Who has held the leader's lock from then on; '' for nobody. */
export interface LockEvent {
  readonly atMs: number
  readonly holder: string
}

export interface Marks {
  /** When the leader of before took no write any more, seen directly. */
  readonly failedMs?: number
  /** The new leader: the first other member that took a write directly. */
  readonly next?: string
  /** When it first did. */
  readonly writableMs?: number
  /** When the `/primary` of its Patroni first answered 200. */
  readonly primaryMs?: number
  readonly lock: readonly LockEvent[]
}

export type WatcherRequest =
  | ({ readonly do: 'start' } & WatchOrder)
  | { readonly do: 'look'; readonly cluster: string }
  | { readonly do: 'stop'; readonly cluster: string }

export interface WatcherAnswer {
  readonly marks: Marks
}
