/** One attempt to renew: new key, request, trial, exchange. Everything up to the exchange changes nothing. */
import type { X509Certificate } from 'node:crypto'
import { AppError } from '../../shared/errors/app-error.ts'
import { authoritiesIn, bundleOf } from '../../shared/pki/authorities.ts'
import { type OnLeft, type Pair, replacePair } from '../../shared/pki/pair-files.ts'
import { keyPem, newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { SignedCertificate__Output } from '../../shared/rpc/generated/pgsvc/v1/SignedCertificate.ts'
import { readAuthorities } from './authorities-file.ts'
import type { IdentityPaths } from './paths.ts'
import { replaceAuthorities } from './replace-authorities.ts'
import { unfitness } from './unfit.ts'

export interface RenewalPorts {
  readonly files: Files
  readonly clock: Pick<Clock, 'now'>
  readonly onLeft: OnLeft
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
  const { files, clock, onLeft, ask, probe } = ports
  try {
    // What cannot be read could neither be kept nor be said to have been exchanged.
    const inPlace = await readAuthorities(files, paths.ca)
    const key = newKey()
    const answer = await ask(signingRequest(key))
    if (answer === undefined) return failed('NO_ANSWER', 'the controller did not answer')
    const { certPem, code, message } = answer
    if (certPem === '') return failed(code || 'NO_ANSWER', message || 'the controller sent no certificate')
    const pair = { certPem, keyPem: keyPem(key) }
    const authorities = areAuthoritiesFixed ? inPlace : sent(answer.caPem)
    const fault = unfitness({ ...pair, authorities }, node, clock.now())
    if (fault !== undefined) return failed('CERTIFICATE_UNFIT', fault)
    await probe(address, { ...pair, caPem: bundleOf(authorities) })
    if (areAuthoritiesFixed) await replacePair(files, paths, pair, onLeft)
    else await exchange({ files, onLeft }, paths, pair, authorities)
    return { kind: 'renewed' }
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'RENEWAL_FAILED'
    return failed(code, error instanceof Error ? error.message : String(error))
  }
}

function sent(caPem: string): readonly X509Certificate[] {
  return caPem === ''
    ? []
    : authoritiesIn(caPem, { code: 'CERTIFICATE_UNFIT', from: 'what the controller sent' })
}

function failed(code: string, message: string): RenewalOutcome {
  return { kind: 'failed', code, message }
}

/**
 * First the authorities of before and of now are believed, then the pair is exchanged, then only those of now are
 * believed. Cut off anywhere, the node has what worked before or what was tried just now.
 */
async function exchange(
  { files, onLeft }: Pick<RenewalPorts, 'files' | 'onLeft'>,
  paths: IdentityPaths,
  pair: Pair,
  wanted: readonly X509Certificate[],
): Promise<void> {
  const known = await readAuthorities(files, paths.ca)
  const added = wanted.filter((one) => !known.some((other) => other.raw.equals(one.raw)))
  const isSame = added.length === 0 && wanted.length === known.length
  if (!isSame) await replaceAuthorities(files, paths.ca, bundleOf([...known, ...added]))
  await replacePair(files, paths, pair, onLeft)
  if (!isSame) await replaceAuthorities(files, paths.ca, bundleOf(wanted))
}
