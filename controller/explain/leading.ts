/** The members of a cluster while one of them leads, made as plans make them. */
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { roleOf } from '../model/identity.ts'
import { instanceOf } from '../model/member.ts'
import { Lineup, type LineupMember } from '../plan/lineup.ts'

export interface Leading {
  /** Instance that leads; '' when none does. */
  readonly leader: string
  readonly lineup: Lineup
  /** pg_role of the members whose role is another one than the inventory's. */
  readonly changedRoles: ReadonlyMap<Host, string>
}

/**
 * One for every possible leader; today's comes first.
 *
 * @throws AppError `MEMBER_INVALID` for a member without pg_seq, `TEMPLATE_*`
 */
export function leadingsOf(loaded: LoadedInventory, cluster: Cluster): Leading[] {
  const base = new Lineup(loaded, cluster, { checked: 'checked' })
  const primaries = base.members.filter(({ view }) => roleOf(view) === 'primary')
  const today = primaries[0]
  const others = base.members.filter((member) => member !== today)
  return [
    {
      leader: today === undefined ? '' : instanceOf(today.view),
      lineup: base,
      changedRoles: new Map(),
    },
    ...others.map((member) => leadBy(loaded, cluster, base, primaries, member)),
  ]
}

/** As if the inventory had been edited: this member is the primary, and who was is a replica. */
function leadBy(
  loaded: LoadedInventory,
  cluster: Cluster,
  base: Lineup,
  primaries: readonly LineupMember[],
  leader: LineupMember,
): Leading {
  const changedRoles = new Map([
    ...primaries.map(({ host }) => [host, 'replica'] as const),
    [leader.host, 'primary'] as const,
  ])
  const overrides = new Map(
    [...changedRoles].map(([host, role]) => [host.name, new Map([['pg_role', role]])] as const),
  )
  const lineup = new Lineup(loaded, cluster, { checked: 'checked', overrides, base })
  return { leader: instanceOf(leader.view), lineup, changedRoles }
}
