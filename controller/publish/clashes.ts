/**
 * Files and ports that two owners want on one node.
 *
 * `haproxy -c` does not see a port taken twice, and with SO_REUSEPORT (HAProxy 2.6) both sections bind it and
 * clients reach either by chance.
 */
import { addressesOverlap } from '../../shared/haproxy/address.ts'
import type { Assignment, Blobs, Owner } from '../../shared/model/snapshot.ts'
import type { Notice } from './events.ts'

/**
 * @param after - what the node would have
 * @param published - the owners of this publish; only they can be refused
 * @param blobs - contents of `after`
 * @returns one notice per clash, naming the owner that is refused
 */
export function findClashes(
  node: string,
  after: readonly Assignment[],
  published: ReadonlySet<Owner>,
  blobs: Blobs,
): Notice[] {
  const notices: Notice[] = []
  for (const [index, left] of after.entries()) {
    for (const right of after.slice(index + 1)) {
      if (!published.has(left.owner) && !published.has(right.owner)) continue
      const [refused, other] = published.has(right.owner) ? [right, left] : [left, right]
      notices.push(...fileClashes(node, refused, other), ...portClashes(node, refused, other, blobs))
    }
  }
  return notices
}

function fileClashes(node: string, refused: Assignment, other: Assignment): Notice[] {
  const taken = fileNames(other)
  return [...fileNames(refused)]
    .filter((name) => taken.has(name))
    .map((name) => ({
      code: 'FILE_CLASH',
      message: `on ${node} the file ${name} of ${refused.owner} is also one of ${other.owner}`,
      hint: `rename the service in one of them, or remove ${other.owner} from the node first`,
      owner: refused.owner,
    }))
}

/** The same clash on several nodes is one thing to mend: told once, with all of them. */
export function mergedClashes(
  found: readonly { readonly node: string; readonly notices: readonly Notice[] }[],
): Notice[] {
  const merged = new Map<
    string,
    { readonly notice: Notice; readonly rest: string; readonly nodes: string[] }
  >()
  for (const { node, notices } of found) {
    for (const notice of notices) {
      const rest = notice.message.slice(`on ${node} `.length)
      const key = JSON.stringify([notice.code, notice.owner, rest])
      const known = merged.get(key) ?? { notice, rest, nodes: [] }
      merged.set(key, known)
      known.nodes.push(node)
    }
  }
  return [...merged.values()].map(({ notice, rest, nodes }) => ({
    ...notice,
    message: `on ${nodes.join(', ')} ${rest}`,
  }))
}

function fileNames(assignment: Assignment): Set<string> {
  return new Set(assignment.variants.flatMap((variant) => variant.files.map((file) => file.name)))
}

function portClashes(node: string, refused: Assignment, other: Assignment, blobs: Blobs): Notice[] {
  const taken = new Map(other.services.map((service) => [service.port, service.name]))
  const shared = refused.services.filter((service) => taken.has(service.port))
  if (shared.length === 0) return []
  const mine = bindsOf(refused, blobs)
  const theirs = bindsOf(other, blobs)
  return shared
    .filter(({ port }) => overlap(mine.get(port) ?? [], theirs.get(port) ?? []))
    .map(({ name, port }) => ({
      code: 'PORT_CLASH',
      message: `on ${node} port ${port} of ${name} is taken by ${taken.get(port)} of ${other.owner}`,
      hint: `give one of the two services another port, or both an address of their own (ip); or end ${other.owner}, when it is no more, with "pgsvc remove ${other.owner}"`,
      owner: refused.owner,
    }))
}

/** Addresses by port, from the `bind` lines of the running variant. */
function bindsOf(assignment: Assignment, blobs: Blobs): Map<number, string[]> {
  const binds = new Map<number, string[]>()
  const running = assignment.variants.find((variant) => variant.leader === assignment.leader)
  for (const file of running?.files ?? []) {
    for (const line of (blobs.get(file.digest) ?? '').matchAll(/^[ \t]*bind[ \t]+(\S+)/gm)) {
      for (const bind of (line[1] ?? '').split(',')) {
        const colon = bind.lastIndexOf(':')
        const port = Number(bind.slice(colon + 1))
        binds.set(port, [...(binds.get(port) ?? []), bind.slice(0, Math.max(colon, 0))])
      }
    }
  }
  return binds
}

function overlap(left: readonly string[], right: readonly string[]): boolean {
  return left.some((one) => right.some((two) => addressesOverlap(one, two)))
}
