/**
 * What can befall a cluster's leader and those who follow it, and what is then seen. The tests of the real lab make each
 * of these and compare; docs/reliability.md shows the same rows (`node test/fault-table/main.ts`).
 */

export interface FollowRow {
  readonly fault: string
  /** What has to come of it. */
  readonly expected: string
  readonly seen: FollowSeen
}

export interface FollowSeen {
  /** Who is written to in the end. */
  readonly leads: 'another' | 'the same'
  /** Reloads of each node's HAProxy, since its start if it was started anew; the least and the most where it depends. */
  readonly reloads: number | readonly [number, number]
  /** Every read was answered, on all nodes, at least until a member comes back from the dead. */
  readonly everyRead?: true
  /** Why nodes said that they do not follow, or not yet; `NO_LEADER` may be said too where nobody leads for ten seconds. */
  readonly codes: readonly string[]
  /** How often the leader changes; 1 when another leads in the end. */
  readonly changes?: number
  /** Two members take writes for a while, and Patroni alone could tell which. */
  readonly isSplit?: true
}

const quiet = { leads: 'the same', reloads: 0, everyRead: true, codes: [] } as const
const moved = { leads: 'another', reloads: 1, everyRead: true, codes: [] } as const

export const followTable = {
  switchover: {
    fault: 'a switchover, and the way back',
    expected: 'followed both times; a publish in between leaves the variant that runs, and says so',
    seen: moved,
  },
  refused: {
    fault:
      'a switchover that Patroni refuses (the leader is another, the candidate is not healthy), one that is called off',
    expected: 'nothing is done',
    seen: quiet,
  },
  scheduled: {
    fault: 'a scheduled switchover, written ahead',
    expected: 'nothing is done until it happens',
    seen: moved,
  },
  checkpoint: {
    fault: 'a switchover whose CHECKPOINT takes 6 s (a checkpointer that is stopped)',
    expected: 'the old leader is written to until it shuts down',
    seen: moved,
  },
  killed: {
    fault: "`kill -9` of the leader's Patroni and PostgreSQL",
    expected: 'followed as soon as another one leads; the old one comes back as a replica',
    seen: moved,
  },
  patroniKilled: {
    fault: '`kill -9` of Patroni alone: PostgreSQL goes on as a primary that nobody controls',
    expected:
      'nobody is sent there any more, sessions in old workers end too; followed when another one leads',
    seen: moved,
  },
  postgresKilled: {
    fault: '`kill -9` of PostgreSQL alone, which Patroni starts again',
    expected: 'nothing is done',
    seen: quiet,
  },
  etcdCut: {
    fault: "the leader's host is cut off from etcd, silently, for longer than the lock lives",
    expected: "with Patroni's fail-safe mode it leads on, and nothing is done",
    seen: quiet,
  },
  controllerCut: {
    fault: "the leader's host is cut off from the controller, silently, and a switchover comes",
    expected: 'followed there too, without the controller; it learns of it when it hears that host again',
    seen: moved,
  },
  hostCut: {
    fault: "the leader's host loses its network, silently",
    expected: 'followed when another one leads; the old one comes back as a replica',
    seen: moved,
  },
  nodeCut: {
    fault: "the leader's host, which is a node with clients of its own, loses its network, silently",
    expected:
      'followed by the others; there nothing is changed, and nobody writes any more as soon as another one leads; followed there when the network is back',
    seen: { leads: 'another', reloads: 1, codes: [] },
  },
  etcdCutUnsafe: {
    fault: "the leader's host is cut off from etcd alone, silently, without Patroni's fail-safe mode",
    expected: 'the leader gives up; followed when another one leads, on its own host too',
    seen: { leads: 'another', reloads: 1, codes: [] },
  },
  twice: {
    fault:
      'the leader is killed, and the next one too, as soon as it leads; one comes back and takes over again',
    expected: 'clients follow each time at once, files later and later; it is said',
    seen: { leads: 'the same', changes: 3, reloads: [1, 3], codes: ['FLAPPING'] },
  },
  powerLoss: {
    fault: "the leader's host, which is a node too, loses power and comes back later",
    expected: 'followed by the others; on the host that was off as soon as it is back',
    seen: { leads: 'another', reloads: 1, codes: [] },
  },
  twoLeaders: {
    fault: 'two members say that they lead (one cut off from etcd and from the other, and the lock removed)',
    expected: 'nobody is followed and it is said; the one that is left is followed',
    seen: { leads: 'another', reloads: 1, codes: ['TWO_LEADERS'], isSplit: true },
  },
  controllerDead: {
    fault: 'the controller is dead before the leader changes, or dies',
    expected: 'members and proxies follow by themselves; the controller learns of it when it is back',
    seen: moved,
  },
  controllerDies: {
    fault:
      'the controller dies while the leader changes, or when HAProxy was told and files are still to follow',
    expected: 'the same',
    seen: moved,
  },
  agentDead: {
    fault: "the new leader's agent is dead",
    expected:
      'the others follow, its HAProxy goes by its own checks, its files follow when the agent is back',
    seen: moved,
  },
  agentDies: {
    fault: 'an agent dies when HAProxy was told, before files follow',
    expected: 'the next one goes on where it was',
    seen: moved,
  },
  proxyOff: {
    fault: 'a proxy is off while the leader changes, and comes back with the files of before',
    expected: 'followed by the other; on the proxy as soon as it is back',
    seen: { leads: 'another', reloads: 1, codes: [] },
  },
  flapping: {
    fault: 'the leader changes three times, each as soon as Patroni lets it',
    expected: 'clients follow each time at once, files once, later and later; it is said',
    seen: { leads: 'another', changes: 3, reloads: [1, 3], codes: ['FLAPPING'] },
  },
  publishing: {
    fault: 'the leader changes in the middle of a publish',
    expected: "the publish goes through, and the new leader's variant of it is in place",
    seen: { ...moved, reloads: 2 },
  },
  stale: {
    fault:
      'a claim of the past comes again (the callback of a leader of before; an agent, by way of the controller, on an earlier timeline)',
    expected: 'nothing is done',
    seen: quiet,
  },
  etcdDown: {
    fault: 'etcd is down for longer than the lock lives, and all members hear each other',
    expected: "with Patroni's fail-safe mode the leader leads on, and nothing is done",
    seen: quiet,
  },
  etcdDownAlone: {
    fault: 'etcd is down, and the leader does not hear its replica either: it gives up',
    expected: 'nobody is followed, files stay; the one that leads when etcd is back is served',
    seen: { leads: 'the same', reloads: 0, codes: [] },
  },
  grown: {
    fault: 'a replica is added and published, another revision without it published later, under traffic',
    expected: 'no statement and no session of anybody is lost',
    seen: { leads: 'the same', reloads: 2, everyRead: true, codes: [] },
  },
  oneOfFifty: {
    fault: 'one of fifty clusters on two proxies changes its leader (49 of them stand-ins, for their number)',
    expected: 'its servers and its files are touched, nothing else; clients of the others notice nothing',
    seen: moved,
  },
} as const satisfies Readonly<Record<string, FollowRow>>
