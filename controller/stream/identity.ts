/**
 * Who a peer is, from its certificate and from nothing else.
 *
 * The name stands in a URI subject alternative name: `pgsvc://node/<inventory name>`,
 * `pgsvc://operator/<name>`, `pgsvc://controller`.
 */
import { type ServerUnaryCall, status } from '@grpc/grpc-js'

export type Identity =
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'controller' }

/** What names of nodes and operators may consist of: host names, IPv4 and IPv6 addresses. */
export const identityName = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/

/**
 * @param subjectAltName - as Node prints it: `DNS:a, URI:b`; values with odd characters are quoted
 * @returns undefined when there is none, more than one, or an unknown one
 */
export function parseIdentity(subjectAltName: string): Identity | undefined {
  // A quoted value could hold text that looks like another entry; no name of ours needs quotes.
  const plain = subjectAltName.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const uris = plain
    .split(', ')
    .flatMap((entry) => (entry.startsWith('URI:pgsvc://') ? [entry.slice(12)] : []))
  const [uri, more] = uris
  if (uri === undefined || more !== undefined) return undefined
  if (uri === 'controller') return { kind: 'controller' }
  const [kind, name, rest] = uri.split('/')
  if (rest !== undefined || name === undefined || !identityName.test(name)) return undefined
  return kind === 'node' || kind === 'operator' ? { kind, name } : undefined
}

/** The peer of a call; undefined without a client certificate of ours (the unix socket has none). */
export function identityOf(
  call: Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext'>,
): Identity | undefined {
  const certificate = call.getAuthContext().sslPeerCertificate
  return certificate?.subjectaltname === undefined ? undefined : parseIdentity(certificate.subjectaltname)
}

/** What a call without the right certificate is answered. */
export function permissionDenied(details: string) {
  return { code: status.PERMISSION_DENIED, details }
}
