/** Certificates as tables. */
import type { CertificatesResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/CertificatesResponse.ts'
import type { RenewResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/RenewResponse.ts'
import type { RevokeResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/RevokeResponse.ts'
import { isoTime, table } from './table.ts'

export function certificatesText({
  certificates,
  revocations,
  authorities,
}: CertificatesResponse__Output): string {
  const parts = [
    table(
      ['AUTHORITY', 'ENDS', 'SIGNS', 'SHA-256'],
      authorities.map(({ name, notAfterMs, signs, fingerprint }) => [
        name,
        isoTime(notAfterMs),
        signs ? 'yes' : 'no',
        fingerprint.replaceAll(':', '').slice(0, 16),
      ]),
    ),
    certificates.length === 0
      ? 'no certificate has been signed or seen yet\n'
      : table(
          ['KIND', 'NAME', 'ROLE', 'STATE', 'ENDS', 'AUTHORITY', 'SIGNED BY', 'SERIAL'],
          certificates.map(({ kind, name, role, state, notAfterMs, issuer, signedBy, serial }) => [
            kind,
            name || '-',
            role || '-',
            state.replace('CERTIFICATE_STATE_', '').toLowerCase(),
            isoTime(notAfterMs),
            issuer,
            signedBy || '(elsewhere)',
            serial,
          ]),
        ),
    revocations.length === 0
      ? ''
      : table(
          ['REVOKED', 'NAME', 'BEFORE', 'BY'],
          revocations.map(({ kind, name, beforeMs, by }) => [kind, name, isoTime(beforeMs), by]),
        ),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

export function revokeText(
  kind: string,
  name: string,
  { revokedMs, serials, ended, signed }: RevokeResponse__Output,
): string {
  const known =
    serials.length === 0 ? 'none is known to this controller' : `known of them: ${serials.join(', ')}`
  const lines = [
    `certificates of ${kind} ${name} made before ${isoTime(revokedMs)} do not count any more; ${known}\n`,
    `${ended === 1 ? 'one open stream or call was' : `${ended} open streams and calls were`} ended\n`,
    ...(signed.length === 0
      ? []
      : [
          `${name} has had certificates signed for nodes, which go on: ${signed.join(', ')}\n`,
          'if it may have been somebody else in that name: pgsvc pki revoke node <name> for each, and enrol it anew\n',
        ]),
  ]
  return lines.join('')
}

export function renewText({ told, offline, controllerNotAfterMs }: RenewResponse__Output): string {
  if (controllerNotAfterMs > 0) {
    return `the controller's certificate is valid until ${isoTime(controllerNotAfterMs)}\n`
  }
  const who =
    told.length === 1 ? '1 node renews its certificate' : `${told.length} nodes renew their certificates`
  const lines = [
    `${who}; pgsvc pki list shows when they have\n`,
    ...(offline.length > 0 ? [`not connected: ${offline.join(', ')}\n`] : []),
  ]
  return lines.join('')
}
