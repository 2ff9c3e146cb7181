/**
 * What no agent would take: the guard's own list (shared/haproxy), run before anything travels. Only the
 * operator's own text can be refused here; what we write around it is on the list.
 */
import type { GuardRules } from '../../shared/haproxy/guard-rules.ts'
import {
  findFileProblem,
  maxFilesPerNode,
  type ServiceFileProblem,
} from '../../shared/haproxy/service-file.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { listenersOn } from './listeners.ts'
import type { NodePlan, OwnerPlan, Problem } from './owner-plan.ts'
import { ProblemList } from './problem-list.ts'

const noneReserved: ReadonlySet<string> = new Set()

/**
 * @param contents - of all planned files, by digest
 * @param rules - what the agents are said to take; what every agent takes when left out
 */
export function findGuarded(
  loaded: LoadedInventory,
  planned: readonly OwnerPlan[],
  contents: ReadonlyMap<string, string>,
  rules?: GuardRules,
): Problem[] {
  const texts = refusedTexts(planned, contents, rules)
  return [
    ...planned.flatMap((plan) => (texts.size === 0 ? [] : ownerProblems(loaded, plan, texts))),
    ...crowdedNodes(planned),
  ]
}

/** Digests of the files that are refused. Names are part of it, but one text has one name. */
function refusedTexts(
  planned: readonly OwnerPlan[],
  contents: ReadonlyMap<string, string>,
  rules: GuardRules | undefined,
): Map<string, ServiceFileProblem> {
  const seen = new Set<string>()
  const refused = new Map<string, ServiceFileProblem>()
  for (const { name, digest } of planned.flatMap(filesOf)) {
    if (seen.has(digest)) continue
    seen.add(digest)
    const problem = findFileProblem({ name, text: contents.get(digest) ?? '' }, noneReserved, rules)
    if (problem !== undefined) refused.set(digest, problem)
  }
  return refused
}

function filesOf(plan: OwnerPlan) {
  return plan.nodes.flatMap(({ variants }) => variants.flatMap(({ files }) => files))
}

function ownerProblems(
  loaded: LoadedInventory,
  plan: OwnerPlan,
  refused: ReadonlyMap<string, ServiceFileProblem>,
): Problem[] {
  const list = new ProblemList(plan.owner)
  for (const { node, variants } of plan.nodes) {
    const bad = variants.flatMap(({ files }) => files).filter(({ digest }) => refused.has(digest))
    if (bad.length === 0) continue
    const listeners = listenersOn(loaded, new Set([node])).get(node) ?? []
    for (const { name, digest } of bad) {
      const problem = refused.get(digest)
      if (problem === undefined) continue
      const service = name.replace(/\.cfg$/, '')
      const listener = listeners.find((item) => item.owner === plan.owner && item.service === service)
      list.note({
        severity: 'error',
        code: 'GUARD_REFUSED',
        message: `${service}: ${problem.message}`,
        at: listener?.at('options'),
        hint: hintOf(problem),
      })
    }
  }
  return list.all
}

function hintOf({ allowedBy }: ServiceFileProblem): string {
  const listed = 'agents take only what docs/security.md lists; take the line out'
  return allowedBy === undefined
    ? listed
    : `${listed}, or say '${allowedBy}' in the configuration of each agent, and of the controller`
}

/** A node whose agent would refuse the whole set for its size. */
function crowdedNodes(planned: readonly OwnerPlan[]): Problem[] {
  const byNode = new Map<string, { owner: string; files: number }[]>()
  for (const { owner, nodes } of planned) {
    for (const plan of nodes) {
      const owners = byNode.get(plan.node) ?? []
      byNode.set(plan.node, owners)
      owners.push({ owner, files: distinctFiles(plan) })
    }
  }
  return [...byNode].flatMap(([node, owners]) => {
    const files = owners.reduce((sum, owner) => sum + owner.files, 0)
    if (files <= maxFilesPerNode) return []
    return owners.map(({ owner }) => ({
      owner,
      severity: 'error' as const,
      code: 'TOO_MANY_FILES',
      message: `${node} would have ${files} files, at most ${maxFilesPerNode}`,
      hint: 'spread the clusters over more providers',
    }))
  })
}

function distinctFiles({ variants }: NodePlan): number {
  return new Set(variants.flatMap(({ files }) => files.map(({ name, digest }) => `${name} ${digest}`))).size
}
