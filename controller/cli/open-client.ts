/** From flags and environment to a client of the controller. */
import { accessSync, constants, readFileSync } from 'node:fs'
import type { ControllerFlags } from './act-options.ts'
import { type ControllerAddress, parseController, usualController } from './address.ts'
import type { AdminClient } from './admin-client.ts'
import { ownEndWarning } from './own-end.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Makes a client; a test gives its own. */
export type OpenClient = (
  address: ControllerAddress,
  flags: ControllerFlags,
  env: Env,
) => Promise<AdminClient>

/**
 * Where the controller is: the flag, else the environment, else the default.
 *
 * @throws AppError `CONTROLLER_ADDRESS_INVALID`
 */
export function controllerAddress(flags: ControllerFlags, env: Env): ControllerAddress {
  return parseController(flags.controller ?? (env.PGSVC_CONTROLLER || usualController(mayOpen)))
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The client is loaded here and not before, so that --help, wrong arguments and the first line of output do not
 * wait for gRPC.
 *
 * @throws AppError `OPERATOR_CERTIFICATE`
 */
export const openClient: OpenClient = async (address, flags, env) => {
  const { connectAdmin } = await import('./admin-client.ts')
  const cert = flags.tlsCert ?? env.PGSVC_TLS_CERT
  const client = connectAdmin(address, {
    ca: flags.tlsCa ?? env.PGSVC_TLS_CA,
    cert,
    key: flags.tlsKey ?? env.PGSVC_TLS_KEY,
  })
  // Standard error: what programs read stays as it is.
  if (address.kind === 'host' && cert)
    process.stderr.write(ownEndWarning(readFileSync(cert), Date.now()) ?? '')
  return client
}
