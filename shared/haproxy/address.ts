/** Addresses of `bind` lines. Source: HAProxy 2.6 manual, section 5.1. */

const anyAddress = new Set(['', '*', '0.0.0.0', '::', '[::]'])

/** True when a connection could reach both, so that one port cannot serve two services. */
export function addressesOverlap(a: string, b: string): boolean {
  return a === b || anyAddress.has(a) || anyAddress.has(b)
}

/** True for what binds every address of a node. */
export function isAnyAddress(address: string): boolean {
  return anyAddress.has(address)
}
