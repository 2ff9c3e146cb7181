/** The plan of one cluster: all its nodes, all its possible leaders. */
import type { AppError } from '../../shared/errors/app-error.ts'
import type { Member } from '../../shared/model/snapshot.ts'
import type { HostView } from '../inventory/host-view.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import type { Cluster } from '../model/clusters.ts'
import { asAppError } from '../model/fault.ts'
import { clusterFollow, type WrittenFollow } from '../model/follow.ts'
import { identityFaults, roleOf } from '../model/identity.ts'
import type { Checked } from '../model/member.ts'
import { checksIdentity, type Release, releaseOf } from '../model/release.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import type { BlobStore } from './blob-store.ts'
import { ClusterRenderer, type RenderedNode, type WrittenFiles } from './cluster-renderer.ts'
import { baseLineup, Lineup, type Overrides } from './lineup.ts'
import type { NodePlan, OwnerPlan, OwnerResult, PlannedVariant } from './owner-plan.ts'
import { carrierOf, type Placement, placeCluster, unknownProvider } from './placement.ts'
import { ProblemList } from './problem-list.ts'

export interface ClusterOptions {
  readonly checked: Checked
  /** A leader whose variant's faults the mirror reports too. */
  readonly leader?: string | undefined
}

/** Plans a cluster. Whatever is wrong with it becomes a problem of it alone. */
export function planCluster(
  loaded: LoadedInventory,
  cluster: Cluster,
  { checked, leader }: ClusterOptions,
  blobs: BlobStore,
): OwnerResult {
  const problems = new ProblemList(cluster.name)
  try {
    const planner = new ClusterPlanner(loaded, cluster, checked, blobs, problems)
    const plan = planner.plan(leader)
    // The mirror writes what Pigsty leaves on disk, even beside a service that fails.
    const isRefused = checked === 'checked' && problems.hasErrors
    return { plan: isRefused ? undefined : plan, draft: plan, problems: problems.all }
  } catch (error) {
    problems.add(asAppError(error))
    return { plan: undefined, problems: problems.all }
  }
}

class ClusterPlanner {
  private readonly loaded: LoadedInventory
  private readonly cluster: Cluster
  private readonly checked: Checked
  private readonly blobs: BlobStore
  private readonly problems: ProblemList
  private readonly base: Lineup
  private readonly written: WrittenFiles = new Map()

  constructor(
    loaded: LoadedInventory,
    cluster: Cluster,
    checked: Checked,
    blobs: BlobStore,
    problems: ProblemList,
  ) {
    this.loaded = loaded
    this.cluster = cluster
    this.checked = checked
    this.blobs = blobs
    this.problems = problems
    this.base = baseLineup(loaded, cluster, checked)
  }

  plan(reported: string | undefined): OwnerPlan | undefined {
    const release = this.release()
    const faults = this.identity(release)
    for (const fault of faults) this.problems.add(fault)
    if (faults.length > 0) return undefined
    const members = this.members()
    const leader = members.find((_member, i) => this.isPrimary(i))?.instance ?? ''
    const leaders = [
      ...new Set([...(leader === '' ? [''] : []), ...members.map((member) => member.instance)]),
    ]
    const rendered = leaders.map((name) => this.variant(name, { leader, reported }, members, release))
    const { provider } = this.place(this.base, release)
    const renderers = this.base.members.map(({ renderer }) => renderer)
    const unknown = delegates(this.checked, release)
      ? unknownProvider(this.loaded.inventory, renderers)
      : undefined
    if (unknown !== undefined) this.problems.add(unknown, 'warning')
    const follow = this.follow()
    const nodes = this.nodes(leaders, rendered)
    return { owner: this.cluster.name, provider, leader, members, nodes, ...(follow && { follow }) }
  }

  private release(): Release {
    return releaseOf(this.base.members[0]?.renderer, this.loaded.defaults)
  }

  private identity(release: Release): AppError[] {
    if (this.checked === 'mirrored' && !checksIdentity(release)) return []
    return identityFaults(
      this.cluster.name,
      this.base.members.map((member) => member.view),
    )
  }

  /** Pigsty does not know it, so its mirror does not look. */
  private follow(): WrittenFollow | undefined {
    if (this.checked === 'mirrored') return undefined
    const { follow, faults } = clusterFollow(this.base.members.map(({ renderer }) => renderer))
    for (const fault of faults) this.problems.add(fault)
    return follow
  }

  private isPrimary(index: number): boolean {
    const member = this.base.members[index]
    return member !== undefined && roleOf(member.view) === 'primary'
  }

  private members(): Member[] {
    return this.base.members.map(({ view }) => ({
      instance: `${this.cluster.name}-${pyText(view.get('pg_seq') ?? null)}`,
      address: view.name,
      patroniPort: patroniPort(view),
      patroniTls: ansibleBool(view.get('patroni_ssl_enabled')),
    }))
  }

  private variant(
    name: string,
    { leader, reported }: { leader: string; reported: string | undefined },
    members: readonly Member[],
    release: Release,
  ) {
    if (name === leader) return this.render(this.base, release, this.problems)
    const lineup = new Lineup(this.loaded, this.cluster, {
      checked: this.checked,
      overrides: this.rolesWhen(name, members),
      base: this.base,
    })
    // Pigsty renders the inventory as it is and nothing else: faults of other variants are none of its own.
    const problems = new ProblemList(this.cluster.name, ` (while ${name} leads)`)
    const rendered = this.render(lineup, release, problems)
    if (this.checked === 'checked' || name === reported) this.problems.take(problems)
    return rendered
  }

  /** As if the inventory had been edited: this member is the primary and the former primary a replica. */
  private rolesWhen(leader: string, members: readonly Member[]): Overrides {
    const overrides = new Map<string, ReadonlyMap<string, string>>()
    for (const [i, member] of members.entries()) {
      if (member.instance === leader) overrides.set(member.address, new Map([['pg_role', 'primary']]))
      else if (this.isPrimary(i)) overrides.set(member.address, new Map([['pg_role', 'replica']]))
    }
    return overrides
  }

  private render(lineup: Lineup, release: Release, problems: ProblemList): ReadonlyMap<string, RenderedNode> {
    const renderer = new ClusterRenderer(lineup, {
      cluster: this.cluster.name,
      checked: this.checked,
      release,
      blobs: this.blobs,
      written: this.written,
      problems,
    })
    const { renderers } = this.place(lineup, release)
    return new Map(
      [...renderers].map(([node, view]) => [node, renderer.node(view, carrierOf(this.loaded, node, view))]),
    )
  }

  private place(lineup: Lineup, release: Release): Placement {
    const renderers = lineup.members.map((member) => member.renderer)
    if (delegates(this.checked, release)) return placeCluster(this.loaded.inventory, renderers)
    return { provider: '', renderers: new Map(renderers.map((view) => [view.name, view])) }
  }

  private nodes(
    leaders: readonly string[],
    rendered: readonly ReadonlyMap<string, RenderedNode>[],
  ): NodePlan[] {
    const hosts = this.loaded.inventory.hosts
    const names = [...new Set(rendered.flatMap((variant) => [...variant.keys()]))]
    const place = (node: string) => hosts.get(node)?.index ?? 0
    return names
      .sort((a, b) => place(a) - place(b))
      .map((node) => ({
        node,
        variants: leaders.map((leader, i): PlannedVariant => {
          const { files, services } = rendered[i]?.get(node) ?? { files: [], services: [] }
          return { leader, files, services }
        }),
      }))
  }
}

/** In Pigsty 1.x every member carries its own services. */
function delegates(checked: Checked, release: Release): boolean {
  return checked === 'checked' || release.major > 1
}

function patroniPort(view: HostView): number {
  const port = Number(pyText(view.get('patroni_port') ?? 8008))
  return Number.isInteger(port) ? port : 8008
}
