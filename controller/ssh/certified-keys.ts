/**
 * Keys that an authority of known_hosts vouches for. ssh2 negotiates no certificates, so they are fetched beforehand by
 * ssh-keyscan, which everybody may ask: what proves the host is that it then holds the key that was certified.
 */
import type { Exec } from '../../shared/ports/exec.ts'
import { type HostCertificate, judgeCertificate, parseHostCertificate } from './host-certificate.ts'
import { type HostName, type KnownHostsFile, type KnownKey, linesAbout } from './known-hosts.ts'
import type { SshOptions } from './ssh-options.ts'

export interface Certified {
  /** Public keys in wire form, and the certificates that vouch for them. */
  readonly keys: readonly Buffer[]
  readonly certificates: readonly HostCertificate[]
  /** A certificate was shown that is revoked, or whose authority is. */
  readonly revoked: { readonly certificate: HostCertificate; readonly by: KnownKey } | undefined
  /** Why there is no key, for people; '' when nobody has asked. */
  readonly why: string
}

export const nobodyAsked: Certified = { keys: [], certificates: [], revoked: undefined, why: '' }

export interface CertificatePorts {
  readonly exec: Exec
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What ssh-keyscan would take for a list of hosts or for a network is no host. */
const oneHost = /^[\w.:%-]+$/

/** @param isDirect - the host is reached without a jump host or a command */
export async function certifiedKeys(
  { exec, now }: CertificatePorts,
  files: readonly KnownHostsFile[],
  host: HostName,
  { hostName, port, connectTimeoutMs }: Pick<SshOptions, 'hostName' | 'port' | 'connectTimeoutMs'>,
  isDirect: boolean,
): Promise<Certified> {
  const known = linesAbout(files, host)
  if (!known.some(({ marker }) => marker === 'cert-authority')) return nobodyAsked
  if (!isDirect) return without('its certificate cannot be fetched through a jump host or a ProxyCommand')
  if (!oneHost.test(hostName)) return without(`ssh-keyscan does not take the name ${hostName}`)
  const seconds = Math.ceil(connectTimeoutMs / 1000)
  const args = ['-c', '-t', 'ed25519,ecdsa,rsa', '-T', `${seconds}`, '-p', `${port}`, '--', hostName]
  const scanned = await exec
    .run('ssh-keyscan', args, { timeoutMs: 4 * seconds * 1000 })
    .catch(() => undefined)
  if (scanned === undefined) return without('ssh-keyscan, which fetches its certificate, cannot be started')
  const certificates = scanned.stdout.split('\n').flatMap(certificateIn)
  return chosen(certificates, { known, name: host.name.toLowerCase(), nowMs: now() })
}

function without(why: string): Certified {
  return { ...nobodyAsked, why }
}

function certificateIn(line: string): readonly HostCertificate[] {
  const certificate = parseHostCertificate(Buffer.from(line.split(' ')[1] ?? '', 'base64'))
  return certificate ? [certificate] : []
}

/** What is left of the certificates that a host shows. Pure. */
export function chosen(
  certificates: readonly HostCertificate[],
  question: Parameters<typeof judgeCertificate>[1],
): Certified {
  if (certificates.length === 0) return without('it shows no certificate')
  const good: HostCertificate[] = []
  const reasons: string[] = []
  let revoked: Certified['revoked']
  for (const certificate of certificates) {
    const verdict = judgeCertificate(certificate, question)
    if (verdict.kind === 'good') good.push(certificate)
    else if (verdict.kind === 'revoked') revoked ??= { certificate, by: verdict.by }
    else reasons.push(`its certificate "${certificate.keyId}" does not do: ${verdict.why}`)
  }
  return {
    keys: good.map(({ key }) => key),
    certificates: good,
    revoked,
    why: [...new Set(reasons)].join('; '),
  }
}
