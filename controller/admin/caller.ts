/** Who calls: by certificate, or by the socket that the kernel let it open. */
import type { ServerUnaryCall } from '@grpc/grpc-js'
import { type Role, roles } from '../../shared/pki/identity.ts'
import type { CertificateRecord } from '../store/trust-store.ts'
import { peerOf } from '../trust/peer.ts'

/** By which way a call came. */
export type Door =
  | { readonly kind: 'tls' }
  | {
      readonly kind: 'socket'
      readonly path: string
      /** Nobody but root can open it. */
      readonly isRoots: boolean
      /** Of everybody who can open it. */
      readonly role: Role
      /** Who has opened the connection, as the kernel knows: `uid 0 (root)`. */
      readonly whoIs: (peer: string) => Promise<string>
    }

export interface Caller {
  /** undefined: none that may call this service. */
  readonly role: Role | undefined
  /** Name for the history of a cluster: a certificate's, or what a caller by root's socket says of itself. */
  readonly name: string
  /** For the record: nothing that the caller could choose. */
  readonly who: Promise<string>
  readonly claimed: string
  readonly origin: string
  /** The connection, as calls name it. */
  readonly peer: string
  /** Absent behind a socket. */
  readonly certificate: CertificateRecord | undefined
}

type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'getPeer'>

/** @param claimed - what the caller says of itself */
export function callerOf(call: Call, door: Door, claimed: string): Caller {
  if (door.kind === 'socket') {
    const peer = call.getPeer()
    const who = door.whoIs(peer)
    const name = short(claimed) || 'local'
    return { role: door.role, name, who, claimed, origin: door.path, peer, certificate: undefined }
  }
  const shown = peerOf(call.getAuthContext().sslPeerCertificate)
  const peer = call.getPeer()
  const origin = peer.replace(/:\d+$/, '')
  const from = { claimed, origin, peer, certificate: shown?.certificate }
  if (shown === undefined) return { role: undefined, name: '', who: Promise.resolve('nobody'), ...from }
  const { identity } = shown
  const name = identity.kind === 'controller' ? '' : identity.name
  const who = Promise.resolve(`${identity.kind} ${name}`.trim())
  return { role: identity.kind === 'operator' ? identity.role : undefined, name, who, ...from }
}

/**
 * The name for the history of a cluster.
 *
 * @param who - as the kernel knows it: root may say for whom it acts, members of a group may not be anybody else
 */
export function historyName({ name, claimed }: Caller, door: Door, who: string): string {
  if (door.kind === 'tls' || door.isRoots) return name
  const own = /\((.+)\)$/.exec(who)?.[1] ?? who
  return claimed === '' || claimed === own ? own : `${own} (says ${short(claimed)})`
}

/** It is kept for as long as the cluster is. */
function short(claimed: string): string {
  return claimed.length > 100 ? `${claimed.slice(0, 99)}…` : claimed
}

export function mayDo(caller: Caller, needed: Role): boolean {
  return caller.role !== undefined && roles.indexOf(caller.role) >= roles.indexOf(needed)
}
