/**
 * What Pigsty's own templates would get wrong and what is published has right: worth knowing as long as Ansible
 * is used beside it, and no fault of what is published.
 */
import type { Location } from '../../shared/errors/app-error.ts'
import { canonicalText } from '../../shared/haproxy/canonical.ts'
import { findRefusedLine } from '../../shared/haproxy/refused.ts'
import type { Owner } from '../../shared/model/snapshot.ts'
import { instanceOf } from '../model/member.ts'
import type { OwnerPlan, Plan, Problem } from '../plan/owner-plan.ts'
import { locate } from '../values/spot.ts'
import { joinServices, type ServiceProblem } from './by-service.ts'
import type { Places } from './places.ts'

/** @param mirror - the strict plan of the same owners */
export function strictProblems(checked: Plan, mirror: Plan, places: Places): Problem[] {
  const said = new Set(checked.problems.map(placeKey))
  const owners = new Map(checked.owners.map((plan) => [plan.owner, plan]))
  return [
    ...mirror.problems
      .filter((problem) => !said.has(placeKey(problem)))
      .map((problem) => ({
        ...problem,
        code: 'STRICT_FAILS',
        message: `${problem.code}: ${problem.message}`,
      })),
    ...mirror.owners.flatMap((plan) => {
      const published = owners.get(plan.owner)
      return published === undefined
        ? []
        : ownerProblems(
            { plan, contents: mirror.blobs },
            { plan: published, contents: checked.blobs },
            places,
          )
    }),
  ]
}

/** A fault is often said in other words by the mirror; the place is the same. */
function placeKey({ owner, at }: Problem): string {
  return JSON.stringify([owner, at?.file, at?.line])
}

interface Side {
  readonly plan: OwnerPlan
  readonly contents: ReadonlyMap<string, string>
}

function ownerProblems(mirror: Side, published: Side, places: Places): Problem[] {
  const members = new Map<string, Problem>()
  const services: ServiceProblem[] = []
  for (const { service, theirs, ours } of differingFiles(mirror, published)) {
    const difference = compare(theirs, ours)
    if (difference === undefined) continue
    const weight = weightProblem(mirror.plan.owner, difference, places)
    if (weight === undefined) services.push(problemOf(mirror.plan.owner, service, difference, places))
    else members.set(difference.member ?? '', weight)
  }
  return [...joinServices(services), ...members.values()]
}

function problemOf(owner: Owner, service: string, difference: Difference, places: Places): ServiceProblem {
  const { severity, code, message, hint } = difference
  return { owner, service, severity, code, message, at: placeOf(places, owner, service, difference), hint }
}

/** Of a member whose weight is all that differs: it does so in every service. */
function weightProblem(
  owner: Owner,
  { severity, code, message, hint, member }: Difference,
  places: Places,
): Problem | undefined {
  const view = places.renderers(owner).find((candidate) => instanceOf(candidate) === member)
  return view && { owner, severity, code, message, at: locate(view.spot('pg_weight')), hint }
}

interface FilePair {
  readonly service: string
  readonly theirs: string
  readonly ours: string
}

/** Files of the inventory's leader that differ, each pair of texts once. */
function* differingFiles(mirror: Side, published: Side): Generator<FilePair> {
  const compared = new Set<string>()
  for (const { node } of mirror.plan.nodes) {
    const own = filesOf(published.plan, node)
    for (const [name, digest] of filesOf(mirror.plan, node)) {
      const other = own.get(name) ?? ''
      if (digest === other || compared.has(digest + other)) continue
      compared.add(digest + other)
      const service = name.replace(/\.cfg$/, '')
      yield {
        service,
        theirs: mirror.contents.get(digest) ?? '',
        ours: published.contents.get(other) ?? '',
      }
    }
  }
}

function filesOf(plan: OwnerPlan, node: string): Map<string, string> {
  const variants = plan.nodes.find((candidate) => candidate.node === node)?.variants ?? []
  const files = variants.find(({ leader }) => leader === plan.leader)?.files ?? []
  return new Map(files.map(({ name, digest }) => [name, digest]))
}

interface Difference extends Pick<Problem, 'severity' | 'code' | 'message' | 'hint'> {
  readonly line: string
  /** The member whose weight is all that differs. */
  readonly member?: string | undefined
}

function compare(theirs: string, ours: string): Difference | undefined {
  const refused = findRefusedLine(theirs)
  const mine = canonicalText(ours).split('\n')
  const other = canonicalText(theirs).split('\n')
  const index = other.findIndex((line) => !mine.includes(line))
  const line = other[index] ?? ''
  const same = mine.find((candidate) => isAlike(candidate, line)) ?? ''
  const hint = hintFor(line, same)
  if (refused !== undefined) {
    const message = `Pigsty writes ${refused.message}, which HAProxy refuses`
    return { severity: 'error', code: 'STRICT_REFUSED', message, hint, line: refused.line }
  }
  if (line !== '' && withoutWeight(line) === withoutWeight(same)) {
    const [, member = ''] = line.split(' ')
    const message = `Pigsty writes the weight of ${member} differently: ${line}`
    return { severity: 'warning', code: 'STRICT_DIFFERS', message, hint, line: member, member }
  }
  if (index >= 0) {
    return { severity: 'warning', code: 'STRICT_DIFFERS', message: `Pigsty writes: ${line}`, hint, line }
  }
  return undefined
}

function hintFor(line: string, same: string): string | undefined {
  if (same === '') return undefined
  const theirs = line.split(' ')
  const ours = same.split(' ')
  const changed = ours.filter((word, i) => word !== theirs[i])
  const isShort = ours.length === theirs.length && ours.length > 8
  return `nothing to do for publishing: pgsvc writes ${isShort ? changed.join(', ') : same}`
}

function withoutWeight(line: string): string {
  return line.replace(/ weight \S+/, '')
}

/** The same directive of the same server. */
function isAlike(one: string, other: string): boolean {
  return startOf(one) === startOf(other)
}

function startOf(line: string): string {
  const words = /^(?:server|http-check) /.test(line) ? 2 : 1
  return line.split(' ').slice(0, words).join(' ')
}

const keyOfDirective: Readonly<Record<string, string>> = {
  bind: 'ip',
  maxconn: 'maxconn',
  balance: 'balance',
  server: 'dest',
}

/** The key that a line comes from, or the plan that its timings come from. */
function placeOf(
  places: Places,
  owner: Owner,
  service: string,
  { line, message }: Difference,
): Location | undefined {
  const [directive = '', what = ''] = line.split(' ')
  // Releases up to 3.x append a numeric check_port to the options.
  if (message.includes(' a bare ')) return places.of(owner, service, 'check_port')
  if (directive === 'http-check') return places.of(owner, service, what === 'send' ? 'check' : 'check_code')
  if (directive !== 'default-server') return places.of(owner, service, keyOfDirective[directive])
  const definition = places.definitions(owner).get(service)?.definition
  if (definition?.dict.has('options')) return places.of(owner, service, 'options')
  const [view] = places.renderers(owner)
  const spot = view?.spot('pg_rto') ?? view?.spot('pg_rto_plan')
  return (definition === undefined ? undefined : locate(spot)) ?? places.of(owner, service)
}
