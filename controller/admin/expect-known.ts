/** Names that a command asks about: each has to be one of something, or the command would wait for nothing. */
import { AppError } from '../../shared/errors/app-error.ts'
import { nearHint } from '../explain/near-names.ts'
import type { Store } from '../store/store.ts'

/**
 * @param names - of owners and nodes; also of what was refused, and is known by events alone
 * @param connected - nodes that may have said nothing yet that is on record
 * @throws AppError `NAME_UNKNOWN`, with the names that were probably meant, or those there are
 */
export async function expectKnown(
  store: Pick<Store, 'owners' | 'nodes' | 'events'>,
  connected: readonly string[],
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return
  const [owners, records] = await Promise.all([store.owners(), store.nodes()])
  const known = [...new Set([...owners, ...records.map(({ node }) => node), ...connected])]
  const wrong: string[] = []
  for (const name of names) {
    if (known.includes(name)) continue
    if ((await store.events({ names: [name], limit: 1 })).length === 0) wrong.push(name)
  }
  const [first] = wrong
  if (first === undefined) return
  throw new AppError(
    'NAME_UNKNOWN',
    `nothing was published of ${wrong.join(', ')}, and no node of that name is known`,
    {
      hint: nearHint(first, known, 'clusters and nodes'),
    },
  )
}
