/** Which cluster an instance belongs to, by what is or may soon be assigned. */
import type { Owner } from '../../shared/model/snapshot.ts'
import type { Store } from '../store/store.ts'

type Revisions = Pick<Store, 'assignments' | 'newestRevision' | 'revision'>

/** A revision that is assigned somewhere, or the newest, has the instance as a member. */
export async function hasMember(store: Revisions, owner: Owner, instance: string): Promise<boolean> {
  const newest = await store.newestRevision(owner)
  const isIn = (revision: typeof newest) =>
    revision?.plan.members.some((member) => member.instance === instance) ?? false
  if (isIn(newest)) return true
  const assigned = new Set((await store.assignments({ owner })).map(({ revision }) => revision))
  for (const number of assigned) {
    if (number !== newest?.number && isIn(await store.revision(owner, number))) return true
  }
  return false
}

/**
 * The published cluster that is meant.
 *
 * @param scope - Patroni's, which is the cluster's name; '' for a Citus group: several clusters share its scope, and
 *   another cluster may have that very name
 * @param instance - `<pg_cluster>-<pg_seq>`, or ''
 * @returns undefined when nothing of the kind was ever published
 */
export async function ownerOf(store: Revisions, scope: string, instance: string): Promise<Owner | undefined> {
  const named = instance.slice(0, Math.max(0, instance.lastIndexOf('-')))
  const published: Owner[] = []
  for (const owner of new Set([scope, named])) {
    if (owner === '' || (await store.newestRevision(owner)) === undefined) continue
    if (instance !== '' && (await hasMember(store, owner, instance))) return owner
    published.push(owner)
  }
  return published[0]
}
