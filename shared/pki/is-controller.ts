/** Whether a server is a controller: by the name that controllers bear, and by the identity in the certificate. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { parseIdentity } from './identity.ts'

/**
 * For `checkServerIdentity` of a TLS connection. The name alone is not enough: the authority may be Pigsty's, which signs
 * for much else.
 */
export function isController(host: string, certificate: PeerCertificate): Error | undefined {
  const wrongName = checkServerIdentity(host, certificate)
  if (wrongName) return wrongName
  const identity = parseIdentity(certificate.subjectaltname ?? '')
  return identity?.kind === 'controller'
    ? undefined
    : new Error('the certificate is not that of a controller')
}
