/**
 * What `haproxy -c` does not look at: ports that another program listens on and addresses that this node does not have,
 * over which a reload stumbles, and ports that a file of somebody else has too, of which nobody would notice (HAProxy
 * splits the connections between both). Looked for in every variant: a leader change must not find it out.
 */
import { basename } from 'node:path'
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

export interface ToBind {
  readonly located: Pick<Located, 'running'>
  readonly candidate: Candidate
  /**
   * What the owner has differs from what is in place. With HAProxy not running, what is in place is not looked at: it
   * is not served in either case.
   */
  readonly isNew: (owner: string) => boolean
  /** Texts of all other files that HAProxy loads, by path. */
  readonly foreign: ReadonlyMap<string, string>
}

interface ForeignBind {
  readonly path: string
  readonly bind: Bind
}

/** @returns one fault for each owner that HAProxy could not serve, after one for a file of somebody else, if any */
export async function checkBinds(ports: BindPorts, to: ToBind): Promise<readonly Fault[]> {
  const { running } = to.located
  const looked = variantFiles(to.candidate).filter(({ owner }) => running !== undefined || to.isNew(owner))
  const mine = looked.map((file) => ({ file, binds: parseBinds(file.text) }))
  const theirs = [...to.foreign].flatMap(([path, text]) => parseBinds(text).map((bind) => ({ path, bind })))
  const all = [...mine.flatMap(({ binds }) => binds), ...theirs.map(({ bind }) => bind)]
  const host: Host = {
    listeners: await readListeners(ports.files, running?.pid),
    addresses: await readLocalAddresses(ports.files, running?.pid),
    named: await resolveNames(ports.names, all),
  }
  const faults = new Map<string, Fault>()
  for (const { file, binds } of mine) {
    if (faults.has(file.owner)) continue
    const beside = to.isNew(file.owner) ? theirs : []
    const fault = binds.map((bind) => faultOf(file, bind, host, beside)).find((one) => one !== undefined)
    if (fault) faults.set(file.owner, fault)
  }
  // With HAProxy not running nothing is reloaded that could fail by it.
  const foreign = running === undefined ? undefined : foreignFault(theirs, host)
  return foreign === undefined ? [...faults.values()] : [foreign, ...faults.values()]
}

function foreignFault(theirs: readonly ForeignBind[], host: Host): Fault | undefined {
  for (const { path, bind } of theirs) {
    const problem = hostProblem(bind, host)
    if (problem === undefined) continue
    const [file, { line }, { message }] = [basename(path), bind, problem]
    return { stage: 'validate', code: 'FOREIGN_FILE_BROKEN', file, line, message }
  }
  return undefined
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

function faultOf(
  { owner, name, leader }: VariantFile,
  bind: Bind,
  host: Host,
  theirs: readonly ForeignBind[],
): Fault | undefined {
  const problem = hostProblem(bind, host) ?? clashProblem(bind, theirs)
  if (problem === undefined) return undefined
  const message = leader === undefined ? problem.message : `when ${leader} leads: ${problem.message}`
  return { stage: 'validate', code: problem.code, owner, file: name, line: bind.line, message }
}

type Problem = Pick<Fault, 'code' | 'message'>

function hostProblem(bind: Bind, host: Host): Problem | undefined {
  return portProblem(bind, host) ?? addressProblem(bind, host)
}

/** Where one binds an address and the other all of them, each has connections of its own. */
function clashProblem(bind: Bind, theirs: readonly ForeignBind[]): Problem | undefined {
  const other = theirs.find(
    (one) => one.bind.port === bind.port && sameAddress(one.bind.address, bind.address),
  )
  if (other === undefined) return undefined
  const place = `${basename(other.path)}:${other.bind.line}`
  const message = `port ${bind.port} is also one of ${place}, which is not ours; HAProxy would split the connections between both`
  return { code: 'PORT_CLASH', message }
}

function sameAddress(one: string, other: string): boolean {
  return (kernelAddress(one) ?? one) === (kernelAddress(other) ?? other)
}

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
