/**
 * Which certificates count.
 *
 * Whoever is withdrawn is withdrawn by name and moment: what was made before does not count, whether it was signed here
 * (then the moment of signing decides, to the millisecond) or elsewhere (then the begin of its time does). What is signed
 * afterwards counts, so that a node can be taken in again. Names and moments are all that is needed to refuse a
 * certificate that was never seen here.
 */
import type { NamedKind } from '../../shared/pki/identity.ts'
import type { CertificateRecord, RevocationRecord, TrustStore } from '../store/trust-store.ts'

/** Ended certificates are shown for this long. */
const rememberedMs = 30 * 86_400_000

export interface CertificateBook {
  isRevoked(certificate: CertificateRecord): boolean
  /** Whether the key was in a certificate that was withdrawn: then somebody else may have it. */
  isBurnt(keyDigest: string): boolean
  /** Notes a certificate that was signed here. Resolves when it is on disk. @returns it with its moment */
  signed(certificate: CertificateRecord, nowMs: number, by: string): Promise<CertificateRecord>
  /** Notes a certificate that was shown here, if it is new. */
  seen(certificate: CertificateRecord, nowMs: number): void
  /** @returns the revocation, and the known certificates that it ends. Resolves when it is on disk */
  revoke(
    kind: NamedKind,
    name: string,
    nowMs: number,
    by: string,
  ): Promise<{ readonly revocation: RevocationRecord; readonly ended: readonly CertificateRecord[] }>
  certificates(): readonly CertificateRecord[]
  revocations(): readonly RevocationRecord[]
}

/** @param onLost - a certificate that was only seen could not be noted */
export async function openCertificateBook(
  store: TrustStore,
  onLost: (error: unknown) => void,
): Promise<CertificateBook> {
  const certificates = new Map((await store.certificates()).map((one) => [one.serial, one]))
  const revocations = new Map((await store.revocations()).map((one) => [keyOf(one.kind, one.name), one]))
  const momentOf = (kind: string, name: string, nowMs: number) =>
    Math.max(nowMs, revocations.get(keyOf(kind, name))?.beforeMs ?? 0)
  const isRevoked = (certificate: CertificateRecord) => {
    const revocation = revocations.get(keyOf(certificate.kind, certificate.name))
    if (revocation === undefined) return false
    // What a peer shows does not say when it was signed; what is known of it here does.
    const { signedMs } = certificates.get(certificate.serial) ?? certificate
    return (signedMs || certificate.notBeforeMs) < revocation.beforeMs
  }
  return {
    isRevoked,
    isBurnt: (keyDigest) =>
      [...certificates.values()].some((one) => one.keyDigest === keyDigest && isRevoked(one)),
    signed: async (certificate, nowMs, by) => {
      const { kind, name } = certificate
      const record = { ...certificate, signedMs: momentOf(kind, name, nowMs), signedBy: by }
      await store.addCertificate(record, nowMs - rememberedMs)
      certificates.set(record.serial, record)
      forgetEnded(certificates, nowMs)
      return record
    },
    seen: (certificate, nowMs) => {
      if (certificates.has(certificate.serial)) return
      certificates.set(certificate.serial, certificate)
      store.addCertificate(certificate, nowMs - rememberedMs).catch(onLost)
    },
    revoke: async (kind, name, nowMs, by) => {
      const own = [...certificates.values()].filter((one) => one.kind === kind && one.name === name)
      const ended = own.filter((one) => one.notAfterMs > nowMs && !isRevoked(one))
      // Later than all that was signed, also when the clock was put back.
      const beforeMs = Math.max(nowMs, ...own.map(({ signedMs }) => signedMs + 1))
      const revocation = { kind, name, beforeMs, by }
      await store.revoke(revocation)
      revocations.set(keyOf(kind, name), revocation)
      return { revocation, ended }
    },
    certificates: () => [...certificates.values()],
    revocations: () => [...revocations.values()],
  }
}

function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`
}

function forgetEnded(certificates: Map<string, CertificateRecord>, nowMs: number): void {
  for (const [serial, { notAfterMs }] of certificates) {
    if (notAfterMs < nowMs - rememberedMs) certificates.delete(serial)
  }
}
