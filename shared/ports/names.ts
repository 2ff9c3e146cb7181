/** Host names, passed in so that tests decide them. */
import { lookup } from 'node:dns/promises'

export interface Names {
  /** Addresses of a host name, IPv4 and IPv6, as the system resolves it; none when that fails or takes too long. */
  addressesOf(name: string): Promise<readonly string[]>
}

const patienceMs = 2_000

/** The system's resolver. */
export function systemNames(): Names {
  return {
    async addressesOf(name) {
      const { promise: tooLong, resolve } = Promise.withResolvers<readonly string[]>()
      const timer = setTimeout(() => resolve([]), patienceMs)
      const found = lookup(name, { all: true, order: 'verbatim' }).then(
        (all) => all.map(({ address }) => address),
        () => [],
      )
      return await Promise.race([found, tooLong]).finally(() => clearTimeout(timer))
    },
  }
}
