/**
 * Who a certificate is for. It stands in URI subject alternative names and nowhere else:
 *
 * - `pgsvc://node/<inventory name>`
 * - `pgsvc://operator/<name>`, and `pgsvc://role/<role>` beside it; without a role it is `publish`, what operators
 *   could do before there were roles
 * - `pgsvc://controller`
 *
 * A certificate that says none of it, or two of it, is nobody's, whoever signed it: Pigsty's authority signs much else.
 */

/** What an operator may do; each includes those before it. */
export const roles = ['read', 'plan', 'publish', 'administer'] as const
export type Role = (typeof roles)[number]

export type Identity =
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'operator'; readonly name: string; readonly role: Role }
  | { readonly kind: 'controller' }

/** Whom certificates can be withdrawn from by name. */
export type NamedKind = 'node' | 'operator'

/** What names of nodes and operators may consist of: host names, IPv4 and IPv6 addresses. */
export const identityName = /^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/

/** The name agents and commands expect in the controller's certificate, wherever it runs. */
export const controllerDnsName = 'pgsvc-controller'

/** The URIs that say who it is. */
export function identityUris(identity: Identity): readonly string[] {
  if (identity.kind === 'controller') return ['pgsvc://controller']
  const uri = `pgsvc://${identity.kind}/${identity.name}`
  return identity.kind === 'node' ? [uri] : [uri, `pgsvc://role/${identity.role}`]
}

/**
 * @param subjectAltName - as Node prints it: `DNS:a, URI:b`; values with odd characters are quoted
 * @returns undefined when there is none, more than one, or an unknown one
 */
export function parseIdentity(subjectAltName: string): Identity | undefined {
  // A quoted value could hold text that looks like another entry; no name of ours needs quotes.
  const plain = subjectAltName.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const uris = plain
    .split(', ')
    .flatMap((entry) => (entry.startsWith('URI:pgsvc://') ? [entry.slice('URI:pgsvc://'.length)] : []))
  const ofRoles = uris.filter((uri) => uri.startsWith('role/'))
  const [uri, more] = uris.filter((one) => !one.startsWith('role/'))
  if (uri === undefined || more !== undefined || ofRoles.length > 1) return undefined
  if (uri.startsWith('operator/')) return operatorOf(uri, ofRoles[0])
  if (ofRoles.length > 0) return undefined
  if (uri === 'controller') return { kind: 'controller' }
  const name = nameIn(uri, 'node')
  return name === undefined ? undefined : { kind: 'node', name }
}

function operatorOf(uri: string, ofRole: string | undefined): Identity | undefined {
  const name = nameIn(uri, 'operator')
  const role = ofRole === undefined ? 'publish' : roleNamed(ofRole.slice('role/'.length))
  return name === undefined || role === undefined ? undefined : { kind: 'operator', name, role }
}

/** @returns undefined for one that does not exist */
export function roleNamed(text: string): Role | undefined {
  return roles.find((role) => role === text)
}

function nameIn(uri: string, kind: NamedKind): string | undefined {
  const name = uri.startsWith(`${kind}/`) ? uri.slice(kind.length + 1) : ''
  return identityName.test(name) ? name : undefined
}
