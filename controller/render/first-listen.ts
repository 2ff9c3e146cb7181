/** A service of Pigsty 1.x → its `listen` section. */
import type { FirstService } from '../model/first-service.ts'
import type { Listen } from './listen.ts'
import { httpCheck } from './service-listen.ts'

/**
 * @param cluster - pg_cluster of the rendering host
 * @param servers - text of the server lines, in order
 */
export function firstListen(cluster: string, service: FirstService, servers: readonly string[]): Listen {
  return {
    name: `${cluster}-${service.name}`,
    bind: service.bind,
    mode: 'tcp',
    maxconn: service.maxconn,
    balance: service.balance,
    options: service.check === undefined ? [] : httpCheck(service.check.path, service.check.status),
    defaultServer: service.defaultServer,
    servers,
  }
}
