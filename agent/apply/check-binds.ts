/**
 * What `haproxy -c` does not look at and a reload stumbles over: ports that another program listens on, and addresses
 * that this node does not have. Looked for in every variant: a leader change must not find it out.
 */
import type { Fault } from '../../shared/errors/fault.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Names } from '../../shared/ports/names.ts'
import { type Bind, parseBinds } from '../haproxy/binds.ts'
import { kernelAddress } from '../haproxy/kernel-address.ts'
import { isBindable, type LocalAddresses, readLocalAddresses } from '../haproxy/local-addresses.ts'
import type { Located } from '../haproxy/locate.ts'
import { collide, type Listeners, readListeners } from '../haproxy/ports-in-use.ts'
import type { Candidate, CandidateFile } from './candidate.ts'

export interface BindPorts {
  readonly files: Files
  readonly names: Names
}

/** What is there for binds to meet. */
interface Host {
  readonly listeners: Listeners
  /** Undefined when it is not known what can be bound. */
  readonly addresses: LocalAddresses | undefined
  /** Of the host names that files bind. */
  readonly named: ReadonlyMap<string, readonly string[]>
}

interface VariantFile extends CandidateFile {
  /** Who leads; undefined for what is to run now. */
  readonly leader: string | undefined
}

/**
 * @param isNew - what the owner has differs from what is in place. With HAProxy not running, what is in place is not
 *   looked at: it is not served in either case
 * @returns one fault for each owner that HAProxy could not serve
 */
export async function checkBinds(
  ports: BindPorts,
  { running }: Located,
  candidate: Candidate,
  isNew: (owner: string) => boolean,
): Promise<readonly Fault[]> {
  const looked = variantFiles(candidate).filter(({ owner }) => running !== undefined || isNew(owner))
  const binds = looked.map((file) => ({ file, binds: parseBinds(file.text) }))
  const host: Host = {
    listeners: await readListeners(ports.files, running?.pid),
    addresses: await readLocalAddresses(ports.files, running?.pid),
    named: await resolveNames(
      ports.names,
      binds.flatMap((one) => one.binds),
    ),
  }
  const faults = new Map<string, Fault>()
  for (const { file, binds: all } of binds) {
    if (faults.has(file.owner)) continue
    const fault = all.map((bind) => faultOf(file, bind, host)).find((one) => one !== undefined)
    if (fault) faults.set(file.owner, fault)
  }
  return [...faults.values()]
}

function variantFiles({ files, alternates }: Candidate): readonly VariantFile[] {
  return [
    ...[...files.values()].map((file) => ({ ...file, leader: undefined })),
    ...alternates.flatMap((one) => one.files.map((file) => ({ ...file, leader: one.leader }))),
  ]
}

async function resolveNames(
  names: Names,
  binds: readonly Bind[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const unknown = binds
    .map(({ address }) => address)
    .filter((address) => kernelAddress(address) === undefined)
  const found = [...new Set(unknown)].map(async (name) => [name, await names.addressesOf(name)] as const)
  return new Map(await Promise.all(found))
}

function faultOf({ owner, name, leader }: VariantFile, bind: Bind, host: Host): Fault | undefined {
  const problem = portProblem(bind, host) ?? addressProblem(bind, host)
  if (problem === undefined) return undefined
  const message = leader === undefined ? problem.message : `when ${leader} leads: ${problem.message}`
  return { stage: 'validate', code: problem.code, owner, file: name, line: bind.line, message }
}

type Problem = Pick<Fault, 'code' | 'message'>

function portProblem(bind: Bind, { listeners }: Host): Problem | undefined {
  if (!listeners.others.some((socket) => collide(bind, socket))) return undefined
  return { code: 'PORT_TAKEN', message: `port ${bind.port} is taken by another program on this host` }
}

function addressProblem(bind: Bind, { addresses, named, listeners }: Host): Problem | undefined {
  if (addresses === undefined || bind.transparent || isHandedOver(bind, listeners)) return undefined
  const meant = named.get(bind.address) ?? [bind.address]
  if (meant.length === 0 || meant.some((address) => isBindable(address, addresses))) return undefined
  const what = named.has(bind.address) ? `${bind.address} (${meant.join(', ')})` : bind.address
  return {
    code: 'ADDRESS_MISSING',
    message:
      `this node does not have the address ${what}; give it to the node, let the service listen on another, ` +
      `or, for a virtual address that moves, set ${sysctlFor(meant)}=1`,
  }
}

/**
 * A master hands IPv4 sockets on to the next worker, so that the address may have gone meanwhile; those of IPv6 are
 * bound anew. Seen on 2.6.12, with and without `expose-fd listeners`.
 */
function isHandedOver({ address, port }: Bind, { own }: Listeners): boolean {
  const wanted = kernelAddress(address)
  if (wanted?.length !== 8) return false
  return own.some((socket) => socket.port === port && socket.address === wanted)
}

function sysctlFor(addresses: readonly string[]): string {
  const isIPv6 = addresses.every((address) => address.includes(':'))
  return `net.${isIPv6 ? 'ipv6' : 'ipv4'}.ip_nonlocal_bind`
}
