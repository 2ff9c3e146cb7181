/** Where a node's certificate, its key and those it trusts are, by its own configuration. Pure. */
import { posix } from 'node:path'
import { configValues } from './agent-config.ts'

export interface CertificatePlaces {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/** Where the agent's configuration does not say otherwise. */
export const usualPlaces: CertificatePlaces = {
  cert: '/etc/pgsvc/agent.crt',
  key: '/etc/pgsvc/agent.key',
  ca: '/etc/pgsvc/ca.crt',
}

/** @param config - text of the configuration that the agent is going to have */
export function placesIn(config: string): CertificatePlaces {
  const { tls_cert: cert, tls_key: key, tls_ca: ca } = configValues(config)
  return {
    cert: pathOr(cert, usualPlaces.cert),
    key: pathOr(key, usualPlaces.key),
    ca: pathOr(ca, usualPlaces.ca),
  }
}

/** A relative one means what it means to the agent, which systemd starts in `/`. */
function pathOr(value: unknown, usual: string): string {
  return typeof value === 'string' && value !== '' ? posix.resolve('/', value) : usual
}
