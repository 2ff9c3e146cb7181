/** One attempt to renew: new key, request, trial, exchange. Everything up to the exchange changes nothing. */
import { AppError } from '../../shared/errors/app-error.ts'
import { type Pair, replacePair } from '../../shared/pki/pair-files.ts'
import { certificatesIn } from '../../shared/pki/pem.ts'
import { keyPem, newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { SignedCertificate__Output } from '../../shared/rpc/generated/pgsvc/v1/SignedCertificate.ts'
import type { IdentityPaths } from './paths.ts'
import { replaceAuthorities } from './replace-authorities.ts'
import { unfitness } from './unfit.ts'

export interface RenewalPorts {
  readonly files: Files
  readonly clock: Pick<Clock, 'now'>
  /** Sends the request; undefined when no answer came. */
  readonly ask: (csrPem: string) => Promise<SignedCertificate__Output | undefined>
  /**
   * Opens another connection to the controller with this identity and asks something harmless.
   *
   * @throws Error when that does not go through
   */
  readonly probe: (address: string, identity: Pair & { readonly caPem: string }) => Promise<void>
}

export interface RenewalOptions {
  readonly node: string
  readonly paths: IdentityPaths
  /** Whoever comes from an authority that is not in place already is nobody, whatever the controller says. */
  readonly areAuthoritiesFixed: boolean
}

export type RenewalOutcome =
  | { readonly kind: 'renewed' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** @param address - of the controller, host:port */
export async function renewOnce(
  ports: RenewalPorts,
  { node, paths, areAuthoritiesFixed }: RenewalOptions,
  address: string,
): Promise<RenewalOutcome> {
  const { files, clock, ask, probe } = ports
  try {
    const key = newKey()
    const answer = await ask(signingRequest(key))
    if (answer === undefined) return failed('NO_ANSWER', 'the controller did not answer')
    const { certPem, code, message } = answer
    const caPem = areAuthoritiesFixed ? await inPlace(files, paths) : answer.caPem
    if (certPem === '') return failed(code || 'NO_ANSWER', message || 'the controller sent no certificate')
    const pair = { certPem, keyPem: keyPem(key) }
    const fault = unfitness({ ...pair, caPem }, node, clock.now())
    if (fault !== undefined) return failed('CERTIFICATE_UNFIT', fault)
    await probe(address, { ...pair, caPem })
    await exchange(files, paths, pair, caPem)
    return { kind: 'renewed' }
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'RENEWAL_FAILED'
    return failed(code, error instanceof Error ? error.message : String(error))
  }
}

async function inPlace(files: Files, paths: IdentityPaths): Promise<string> {
  return (await files.read(paths.ca))?.toString('utf8') ?? ''
}

function failed(code: string, message: string): RenewalOutcome {
  return { kind: 'failed', code, message }
}

/**
 * First the authorities of before and of now are believed, then the pair is exchanged, then only those of now are
 * believed. Cut off anywhere, the node has what worked before or what was tried just now.
 */
async function exchange(files: Files, paths: IdentityPaths, pair: Pair, caPem: string): Promise<void> {
  const before = await inPlace(files, paths)
  const wanted = certificatesIn(caPem)
  const known = certificatesIn(before)
  const isSame = wanted.length === known.length && wanted.every((pem) => known.includes(pem))
  if (!isSame) await replaceAuthorities(files, paths.ca, [...new Set([...known, ...wanted])].join(''))
  await replacePair(files, paths, pair)
  if (!isSame) await replaceAuthorities(files, paths.ca, wanted.join(''))
}
