/** A node's own service → its `listen` section. */
import type { NodeServer, NodeService } from '../model/node-service.ts'
import type { Listen } from './listen.ts'

export function nodeListen(service: NodeService): Listen {
  return {
    name: service.name,
    bind: `${service.ip}:${service.port}`,
    mode: service.protocol,
    maxconn: service.maxconn,
    balance: service.balance,
    options: service.options,
    defaultServer: service.timings,
    servers: service.servers.map(serverLine),
  }
}

function serverLine(server: NodeServer): string {
  const backup = server.backup ? ' backup' : ''
  const weight = server.weight === undefined ? '' : ` weight ${server.weight}`
  const options = server.options === undefined ? '' : ` ${server.options}`
  return `${server.name} ${server.ip}:${server.port}${backup}${weight}${options}`
}
