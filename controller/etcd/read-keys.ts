/** Everything below a prefix as it was at one revision, in pages. */
import type { RangeRequest } from '../../shared/rpc/generated/etcdserverpb/RangeRequest.ts'
import type { RangeResponse__Output } from '../../shared/rpc/generated/etcdserverpb/RangeResponse.ts'
import type { KeyChange } from './leader-hints.ts'
import { leaderKeyOf, prefixEnd } from './leader-key.ts'

/** A page of Patroni's keys is some hundred kilobytes. */
const pageKeys = 500
/** Patroni has some ten keys per cluster: whoever answers with more pages than this is no etcd of Pigsty's. */
const maxPages = 2_000

export interface Reading {
  /** What is watched next begins behind it. */
  readonly revision: number
  /** The leader keys. */
  readonly leaders: readonly KeyChange[]
}

/** @throws Error when there is no end, or what `range` throws; one is a compaction in the middle */
export async function readLeaders(
  range: (request: RangeRequest) => Promise<RangeResponse__Output>,
  prefix: string,
): Promise<Reading> {
  const rangeEnd = Buffer.from(prefixEnd(prefix))
  const leaders: KeyChange[] = []
  let key = Buffer.from(prefix)
  let revision = 0
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await range({ key, rangeEnd, limit: pageKeys, revision })
    // Later pages say the revision of their own moment: the first one's holds for all.
    revision ||= answer.header?.revision ?? 0
    for (const kv of answer.kvs) {
      const name = kv.key.toString()
      if (leaderKeyOf(name, prefix)) leaders.push({ key: name, value: kv.value.toString() })
    }
    const last = answer.kvs.at(-1)
    if (!answer.more || last === undefined) return { revision, leaders }
    key = Buffer.concat([last.key, Buffer.of(0)])
  }
  throw new Error(`more than ${maxPages * pageKeys} keys below ${prefix}`)
}
