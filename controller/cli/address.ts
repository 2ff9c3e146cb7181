/** What an operator may write for a node's address or for the controller. */
import { isIP } from 'node:net'
import { AppError } from '../../shared/errors/app-error.ts'

/**
 * The first argument that is not an IPv4 or IPv6 address, or undefined when all are.
 *
 * `pgsql-svc` of Pigsty looks for something address-like anywhere in the text, so that `x10.10.10.11y` and
 * `10.10.10.1*` pass; here the whole text has to be one address.
 */
export function firstBadAddress(texts: readonly string[]): string | undefined {
  return texts.find((text) => isIP(text) === 0)
}

/** Where the controller is. */
export type ControllerAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'host'; readonly host: string; readonly port: number }

export const defaultController = 'unix:/run/pgsvc/controller.sock'
/** For those who may not open the other one. */
const groupController = 'unix:/run/pgsvc/group.sock'

/**
 * Where a command looks when nobody says: root's socket, or the group's for whoever can open only that.
 *
 * @param mayOpen - whether this user may open the socket at a path
 */
export function usualController(mayOpen: (path: string) => boolean): string {
  const isOpen = (address: string) => mayOpen(address.slice('unix:'.length))
  return !isOpen(defaultController) && isOpen(groupController) ? groupController : defaultController
}

/**
 * @param text - `unix:/path`, `/path`, `host:port` or `[ipv6]:port`
 * @throws AppError `CONTROLLER_ADDRESS_INVALID`
 */
export function parseController(text: string): ControllerAddress {
  if (text.startsWith('unix:')) return socket(text.slice('unix:'.length).replace(/^\/\/(?=\/)/, ''))
  if (text.startsWith('/')) return socket(text)
  const found = /^(?:\[([^\]]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(text)
  const host = found?.[1] ?? found?.[2]
  const port = Number(found?.[3])
  if (host === undefined || port < 1 || port > 65_535 || (found?.[1] !== undefined && isIP(host) !== 6)) {
    throw invalid(text)
  }
  return { kind: 'host', host, port }
}

function socket(path: string): ControllerAddress {
  if (path === '') throw invalid('unix:')
  return { kind: 'socket', path }
}

function invalid(text: string): AppError {
  return new AppError('CONTROLLER_ADDRESS_INVALID', `not an address of a controller: ${text}`, {
    hint: `give unix:/path/to/controller.sock or host:port, with --controller or PGSVC_CONTROLLER`,
  })
}

/** The address as a person would write it. */
export function showController(address: ControllerAddress): string {
  if (address.kind === 'socket') return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}
